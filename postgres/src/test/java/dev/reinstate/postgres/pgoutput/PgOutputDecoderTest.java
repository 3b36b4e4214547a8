package dev.reinstate.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.copy.CopyOut;
import dev.reinstate.postgres.replication.Publications;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.ReplicationStream;
import dev.reinstate.postgres.replication.SourceNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PgOutputDecoderTest {
    private static final String SCHEMA = """
            CREATE FUNCTION public.large() RETURNS text LANGUAGE sql AS
                $$ SELECT string_agg(md5(i::text), '') FROM generate_series(1, 200) i $$;
            CREATE TYPE public.mood AS ENUM ('sad', 'happy');
            CREATE TABLE public.doc (id int PRIMARY KEY, title text, body text);
            ALTER TABLE public.doc ALTER COLUMN body SET STORAGE EXTERNAL;
            CREATE TABLE public.full_doc (id int PRIMARY KEY, title text, body text);
            ALTER TABLE public.full_doc ALTER COLUMN body SET STORAGE EXTERNAL;
            ALTER TABLE public.full_doc REPLICA IDENTITY FULL;
            INSERT INTO public.full_doc VALUES (1, 'a', public.large());
            CREATE TABLE public.owned (id int PRIMARY KEY, tenant text NOT NULL, note text);
            CREATE UNIQUE INDEX owned_identity ON public.owned (id, tenant);
            ALTER TABLE public.owned REPLICA IDENTITY USING INDEX owned_identity;
            INSERT INTO public.owned VALUES (1, 'x', 'n');
            CREATE TABLE public.parent (id int PRIMARY KEY);
            CREATE TABLE public.child (id int PRIMARY KEY, parent_id int REFERENCES public.parent ON DELETE CASCADE);
            INSERT INTO public.parent VALUES (1);
            INSERT INTO public.child VALUES (11, 1), (12, 1);
            CREATE TABLE public.victim (id int PRIMARY KEY, note text);
            CREATE TABLE public.keyless (id int, note text);
            CREATE TABLE public.computed
                (id int PRIMARY KEY, price numeric, twice numeric GENERATED ALWAYS AS (price * 2) STORED);
            CREATE TABLE public.feeling (id int PRIMARY KEY, mood public.mood);
            CREATE TABLE public.visit (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE public.visit_2025 PARTITION OF public.visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
            CREATE TABLE public.visit_2026 PARTITION OF public.visit FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
            """;

    private record Case(String title, String sql, List<String> expected) {}

    private final List<byte[]> messages = new ArrayList<>();
    private final MessageText text = new MessageText();
    private Database database;
    private SourceNames names;
    private ReplicationStream stream;
    private Connection connection;

    @BeforeAll
    void start() throws SQLException {
        database = TestServer.shared().newDatabase();
        names = SourceNames.ofStore(database.displayName().replaceAll(".*/", ""));
        TestServer.execute(database, SCHEMA, "SELECT pg_replication_origin_create('reinstate_golden')");
        connection = database.connect();
        stream = stream();
    }

    private ReplicationStream stream() throws SQLException {
        Catalogue catalogue = Catalogue.read(connection);
        Publications.apply(
                connection,
                names,
                Publications.plan(
                        catalogue, catalogue.tables().stream().map(Table::name).toList()));
        try (Connection replication = database.connectReplication()) {
            return ReplicationStream.start(
                    database,
                    names,
                    ReplicationSlots.create(replication, names.slot()).consistentPoint(),
                    Duration.ZERO,
                    Duration.ofSeconds(1));
        }
    }

    @AfterAll
    void stop() throws SQLException {
        stream.close();
        connection.close();
    }

    @TestFactory
    Stream<DynamicTest> theStreamIsAsWritten() {
        return cases().stream()
                .map(c -> DynamicTest.dynamicTest(
                        c.title(), () -> assertThat(play(c.sql())).isEqualTo(c.expected())));
    }

    private List<String> play(String sql) throws SQLException {
        try (Connection session = database.connect()) {
            Query.execute(session, "Cannot play", sql);
            Query.execute(session, "Cannot mark", "SELECT pg_logical_emit_message(false, 'end of case', '')");
        }
        List<String> lines = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < deadline) {
            var next = stream.read(Duration.ofMillis(100));
            if (next.isPresent()) {
                byte[] bytes = new byte[next.get().remaining()];
                next.get().duplicate().get(bytes);
                PgOutputMessage message = PgOutputDecoder.decode(next.get());
                if (message instanceof PgOutputMessage.LogicalMessage m
                        && m.prefix().equals("end of case")) {
                    return lines;
                }
                messages.add(bytes);
                lines.add(text.of(message));
            }
        }
        throw new AssertionError("the stream ended after " + lines);
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String block : golden().split("(?m)^== ", -1)) {
            if (!block.startsWith("#")) {
                String[] parts = block.split("\n=>\n", 2);
                String[] head = parts[0].split("\n", 2);
                cases.add(new Case(head[0], head[1], parts[1].strip().lines().toList()));
            }
        }
        return cases;
    }

    private static String golden() {
        try (InputStream in = PgOutputDecoderTest.class.getResourceAsStream("stream.golden")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Timeout(30)
    void bytesThatAreNoMessageAreNeverMoreThanAFailure() throws SQLException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        messages.clear();
        play("INSERT INTO public.victim VALUES (1, 'some'); UPDATE public.victim SET id = 2 WHERE id = 1;"
                + "DELETE FROM public.victim WHERE id = 2; TRUNCATE public.victim;"
                + "SELECT pg_logical_emit_message(true, 'note', 'text')");
        assertThat(messages).hasSizeGreaterThan(5);
        for (byte[] message : List.copyOf(messages)) {
            for (int length = 0; length < message.length; length++) {
                byte[] truncated = Arrays.copyOf(message, length);
                assertThatThrownBy(() -> PgOutputDecoder.decode(ByteBuffer.wrap(truncated)))
                        .as("%d of %d bytes", length, message.length)
                        .isInstanceOfSatisfying(ReinstateException.class, e -> {
                            assertThat(e.kind()).isEqualTo(FailureKind.BUG);
                            assertThat(e).hasMessageContaining("offset");
                        });
            }
            for (int i = 0; i < 2000; i++) {
                byte[] flipped = message.clone();
                flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
                decodeOrFail(flipped, seed);
            }
        }
    }

    private static void decodeOrFail(byte[] bytes, long seed) {
        try {
            assertThat(PgOutputDecoder.decode(ByteBuffer.wrap(bytes))).isNotNull();
        } catch (ReinstateException e) {
            assertThat(e.kind()).as("seed " + seed).isIn(FailureKind.BUG, FailureKind.INVALID);
        }
    }

    @Test
    void streamAndCopyGiveOneTextForEveryTypeWhateverTheDatabasesSettings() throws SQLException {
        Database other = TestServer.shared().newDatabase();
        String name = other.displayName().replaceAll(".*/", "");
        TestServer.execute(other, """
                ALTER DATABASE %1$s SET datestyle = 'German';
                ALTER DATABASE %1$s SET intervalstyle = 'iso_8601';
                ALTER DATABASE %1$s SET bytea_output = 'escape';
                ALTER DATABASE %1$s SET timezone = 'Asia/Kathmandu';
                ALTER DATABASE %1$s SET extra_float_digits = 0;
                ALTER DATABASE %1$s SET xmloption = 'document';
                ALTER DATABASE %1$s SET search_path = 'pg_catalog, public';
                CREATE TYPE public.mood AS ENUM ('sad', 'so happy');
                CREATE TYPE public.pair AS (a int, b text);
                CREATE DOMAIN public.positive AS int CHECK (VALUE > 0);
                CREATE TABLE public.every (id int PRIMARY KEY, f4 real, f8 double precision, n numeric, m money,
                    b boolean, c char(5), t text, y bytea, d date, ts timestamp, tz timestamptz, tm timetz, i interval,
                    u uuid, j json, jb jsonb, x xml, a int[], ta text[], e public.mood, p public.pair,
                    o public.positive, r tstzrange, ip inet, bits bit varying, v tsvector, pt point, cls regclass,
                    typ regtype, ea public.mood[])
                """.formatted(name));
        SourceNames every = SourceNames.ofStore("every_type");
        try (Connection session = other.connect();
                Connection replication = other.connectReplication()) {
            Catalogue catalogue = Catalogue.read(session);
            Publications.apply(
                    session,
                    every,
                    Publications.plan(
                            catalogue,
                            catalogue.tables().stream().map(Table::name).toList()));
            var slot = ReplicationSlots.create(replication, every.slot());
            TestServer.execute(other, """
                    INSERT INTO public.every VALUES (1, 0.1, 1/3.0, 'NaN', 1234.5, true, 'ab', E'tab\\there\\nÜ☃\\\\', '\\x00ff',
                        '2025-02-28', '2025-02-28 12:34:56.789', '2025-02-28 12:34:56.789+05:45', '12:00+02',
                        '1 year 2 mons -3 days 04:05:06.7', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a":  1}',
                        '{"b": [1, null]}', 'text <b>bold</b>', '{1,NULL,3}', ARRAY['a,b', 'c"d', NULL, ''],
                        'so happy', '(1,"x,y")', 5, '[2025-01-01 00:00+00,)', '10.0.0.0/8', B'10101', 'a fat cat',
                        '(1.5,-2)', 'public.every', 'public.mood', '{sad,"so happy"}');
                    INSERT INTO public.every (id) VALUES (2)
                    """);
            List<Tuple> streamed = new ArrayList<>();
            try (ReplicationStream changes = ReplicationStream.start(
                    other, every, slot.consistentPoint(), Duration.ZERO, Duration.ofSeconds(1))) {
                long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
                while (streamed.size() < 2 && System.nanoTime() < deadline) {
                    changes.read(Duration.ofMillis(100))
                            .map(PgOutputDecoder::decode)
                            .ifPresent(message -> {
                                if (message instanceof PgOutputMessage.Insert insert) {
                                    streamed.add(insert.row());
                                }
                            });
                }
            }
            List<Tuple> copied = new ArrayList<>();
            CopyOut.forEach(session, "SELECT * FROM public.every ORDER BY id", 31, copied::add);
            assertThat(texts(streamed)).isEqualTo(texts(copied));
            assertThat(streamed).isEqualTo(copied);
            assertThat(copied.getFirst().text(13)).contains("1 year 2 mons -3 days +04:05:06.7");
            assertThat(copied.getFirst().text(28)).contains("public.every");
        }
    }

    private static List<String> texts(List<Tuple> tuples) {
        List<String> texts = new ArrayList<>();
        for (Tuple tuple : tuples) {
            for (int c = 0; c < tuple.columnCount(); c++) {
                texts.add(tuple.text(c).orElse("NULL"));
            }
        }
        return texts;
    }
}
