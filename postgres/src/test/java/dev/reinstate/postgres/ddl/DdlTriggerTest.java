package dev.reinstate.postgres.ddl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.pgoutput.PgOutputDecoder;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import dev.reinstate.postgres.replication.Publications;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.SourceNames;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DdlTriggerTest {
    private static final AtomicInteger STORES = new AtomicInteger();

    private final Database database = TestServer.shared().newDatabase();
    private final SourceNames names = SourceNames.ofStore("ddl" + STORES.incrementAndGet());
    private final DdlTrigger trigger = new DdlTrigger(names);
    private Connection connection;

    @BeforeEach
    void connect() {
        connection = database.connect();
        run("SET synchronous_commit = on");
    }

    @AfterEach
    void disconnect() throws SQLException {
        ReplicationSlots.drop(connection, names.slot());
        connection.close();
    }

    private void run(String sql) {
        Query.execute(connection, "Cannot " + sql, sql);
    }

    private void publish(String... tables) {
        TreeSet<TableName> rows = new TreeSet<>();
        List.of(tables).forEach(table -> rows.add(new TableName("public", table)));
        Publications.apply(connection, names, new Publications.Wanted(rows, new TreeSet<>()));
    }

    /** What the log has since the slot was made, by a session of its own. */
    private List<DdlMessage> told() {
        List<byte[]> contents = Query.list(
                connection,
                "Cannot read the log",
                "SELECT data FROM pg_logical_slot_get_binary_changes('" + names.slot()
                        + "', NULL, NULL, 'proto_version', '1', 'messages', 'true', 'publication_names', '"
                        + names.rowsPublication() + "')",
                row -> row.getBytes(1));
        List<DdlMessage> told = new ArrayList<>();
        for (byte[] content : contents) {
            if (PgOutputDecoder.decode(ByteBuffer.wrap(content)) instanceof PgOutputMessage.LogicalMessage message) {
                DdlMessage.read(message, connection).ifPresent(told::add);
            }
        }
        return told;
    }

    private void createSlot() {
        run("SELECT pg_create_logical_replication_slot('" + names.slot() + "', 'pgoutput')");
    }

    @Test
    void tellsExactlyWhatTheCatalogueHas() {
        run("CREATE TABLE public.t (id int PRIMARY KEY, a text, b numeric(5,2) UNIQUE, gone int)");
        publish("t");
        trigger.install(connection);
        createSlot();
        run("ALTER TABLE public.t DROP COLUMN gone");
        Table catalogued = Catalogue.read(connection).require(new TableName("public", "t"));
        assertThat(told()).singleElement().isInstanceOfSatisfying(DdlMessage.Defined.class, defined -> {
            assertThat(defined.command()).isEqualTo("ALTER TABLE");
            assertThat(defined.table().toSchema()).isEqualTo(catalogued.toSchema());
            assertThat(defined.table().storage()).isEqualTo(catalogued.storage());
            assertThat(defined.table().uniqueConstraints()).isEqualTo(catalogued.uniqueConstraints());
        });
        run("BEGIN; ALTER TABLE public.t RENAME a TO c; ALTER TABLE public.t ADD a text; COMMIT");
        assertThat(told())
                .extracting(message -> ((DdlMessage.Defined) message)
                        .table().columns().stream()
                                .map(c -> c.column().attnum() + c.name())
                                .toList())
                .containsExactly(List.of("1id", "2c", "3b"), List.of("1id", "2c", "3b", "5a"));
        run("ALTER TABLE public.t ALTER a TYPE int USING length(a)");
        assertThat(told()).hasExactlyElementsOfTypes(DdlMessage.Rewritten.class, DdlMessage.Defined.class);
        run("BEGIN; DROP TABLE public.t; ROLLBACK");
        assertThat(told()).isEmpty();
        run("DROP TABLE public.t");
        assertThat(told()).singleElement().isInstanceOf(DdlMessage.Gone.class);
    }

    @Test
    void tellsOfPartitionsAndIndexes() {
        run("CREATE TABLE public.p (id int, day int) PARTITION BY LIST (day);"
                + "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1)");
        publish();
        trigger.install(connection);
        createSlot();
        run("ALTER TABLE public.p ADD note text");
        assertThat(told()).extracting(message -> message.name().name()).containsExactlyInAnyOrder("p", "p1");
        run("CREATE UNIQUE INDEX ON public.p1 (id)");
        assertThat(told()).extracting(message -> message.name().name()).containsExactly("p1");
        run("CREATE TEMPORARY TABLE passing (id int); ALTER TABLE passing ADD x int; DROP TABLE passing");
        assertThat(told()).isEmpty();
    }

    @Test
    void aTableThatLosesItsIdentityIsPublishedForInsertsOnlyAtOnce() {
        run("CREATE TABLE public.t (id int CONSTRAINT k PRIMARY KEY); INSERT INTO public.t VALUES (1);"
                + "CREATE TABLE public.kept (id int PRIMARY KEY)");
        publish("t", "kept");
        trigger.install(connection);
        run("BEGIN; ALTER TABLE public.t DROP CONSTRAINT k; UPDATE public.t SET id = 2; COMMIT");
        run("DELETE FROM public.t");
        Publications.Published published = Publications.read(connection, names);
        assertThat(published.rows())
                .hasValueSatisfying(rows -> assertThat(rows).containsExactly(new TableName("public", "kept")));
        assertThat(published.inserts())
                .hasValueSatisfying(inserts -> assertThat(inserts).containsExactly(new TableName("public", "t")));
    }

    @Test
    void aWholeRowThatGetsAGeneratedColumnIsNoIdentityWhereTheServerSaysSo() {
        run("CREATE TABLE public.t (id int PRIMARY KEY, a int); INSERT INTO public.t VALUES (1, 1);"
                + "ALTER TABLE public.t REPLICA IDENTITY FULL");
        publish("t");
        trigger.install(connection);
        run("ALTER TABLE public.t ADD COLUMN b int GENERATED ALWAYS AS (a + 1) STORED; UPDATE public.t SET a = 2");
        assertThat(Publications.read(connection, names).rows().orElseThrow())
                .hasSize(Database.serverVersion(connection) >= 180000 ? 0 : 1);
    }

    @Test
    void aDroppedIdentityIndexAndAPartitionWithoutKeyCountToo() {
        run("CREATE TABLE public.t (id int NOT NULL); CREATE UNIQUE INDEX t_id ON public.t (id);"
                + "ALTER TABLE public.t REPLICA IDENTITY USING INDEX t_id; INSERT INTO public.t VALUES (1);"
                + "CREATE TABLE public.p (id int, day int, PRIMARY KEY (id, day)) PARTITION BY LIST (day);"
                + "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1);"
                + "CREATE TABLE public.p2 PARTITION OF public.p FOR VALUES IN (2);"
                + "INSERT INTO public.p VALUES (1, 1), (2, 2)");
        publish("t", "p");
        trigger.install(connection);
        run("DROP INDEX public.t_id; ALTER TABLE public.p2 REPLICA IDENTITY NOTHING");
        run("UPDATE public.t SET id = 3; UPDATE public.p SET id = 4");
        Publications.Published published = Publications.read(connection, names);
        assertThat(published.rows())
                .hasValueSatisfying(rows -> assertThat(rows).containsExactly(new TableName("public", "p1")));
        assertThat(published.inserts())
                .hasValueSatisfying(inserts -> assertThat(inserts)
                        .containsExactly(new TableName("public", "p"), new TableName("public", "t")));
    }

    @Test
    void whatFailsInsideIsAWarningOnly() {
        run("CREATE TABLE public.t (id int CONSTRAINT k PRIMARY KEY)");
        publish("t");
        trigger.install(connection);
        // without the second publication nothing can be added to it
        run("DROP PUBLICATION " + names.insertsPublication());
        run("ALTER TABLE public.t DROP CONSTRAINT k");
        run("CREATE TABLE public.jsonb_build_object (id int)");
        run("SET search_path = public; ALTER TABLE public.t ADD x int; DROP TABLE public.t");
    }

    @Test
    void comesAndGoesWithoutATrace() {
        assertThat(trigger.state(connection)).isEqualTo(DdlTrigger.State.ABSENT);
        assertThat(trigger.remove(connection)).isFalse();
        trigger.install(connection);
        trigger.install(connection);
        assertThat(trigger.state(connection)).isEqualTo(DdlTrigger.State.INSTALLED);
        run("ALTER EVENT TRIGGER " + names.slot() + "_drop DISABLE");
        assertThat(trigger.state(connection)).isEqualTo(DdlTrigger.State.BROKEN);
        assertThat(trigger.remove(connection)).isTrue();
        assertThat(trigger.state(connection)).isEqualTo(DdlTrigger.State.ABSENT);
        assertThat(TestServer.text(connection, "SELECT count(*)::text FROM pg_event_trigger"))
                .isEqualTo("0");
        assertThat(TestServer.text(
                        connection,
                        "SELECT count(*)::text FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
                                + " WHERE nspname LIKE 'reinstate%'"))
                .isEqualTo("0");
    }

    @Test
    void onlyASuperuserMayHaveThem() throws SQLException {
        String role = names.slot() + "_role";
        run("CREATE ROLE " + role + " LOGIN; GRANT CREATE ON DATABASE "
                + TestServer.text(connection, "SELECT current_database()") + " TO " + role);
        try (Connection plain = TestServer.shared()
                .as(TestServer.text(connection, "SELECT current_database()"), role, "")
                .connect()) {
            assertThatThrownBy(() -> trigger.install(plain)).isInstanceOfSatisfying(ReinstateException.class, e -> {
                assertThat(e.kind()).isEqualTo(FailureKind.INVALID);
                assertThat(e.next()).contains("--print");
            });
        }
    }

    @Test
    void aUserWhoMayDoNothingElseCanStillAlterHisTables() throws SQLException {
        String role = names.slot() + "_owner";
        run("CREATE ROLE " + role + " LOGIN; CREATE SCHEMA his AUTHORIZATION " + role);
        publish();
        trigger.install(connection);
        createSlot();
        try (Connection his = TestServer.shared()
                .as(TestServer.text(connection, "SELECT current_database()"), role, "")
                .connect()) {
            Query.execute(
                    his,
                    "Cannot",
                    "SET synchronous_commit = on; CREATE TABLE his.t (id int PRIMARY KEY); ALTER TABLE his.t ADD x int");
        }
        assertThat(told())
                .hasSize(2)
                .allSatisfy(message -> assertThat(message.name().schema()).isEqualTo("his"));
    }

    @Test
    void positionsAreThoseOfTheTransaction() {
        run("CREATE TABLE public.t (id int PRIMARY KEY)");
        publish("t");
        trigger.install(connection);
        createSlot();
        run(
                "BEGIN; INSERT INTO public.t VALUES (1); ALTER TABLE public.t ADD x int; INSERT INTO public.t VALUES (2, 3); COMMIT");
        List<String> order = Query.list(
                        connection,
                        "Cannot read the log",
                        "SELECT data FROM pg_logical_slot_get_binary_changes('" + names.slot()
                                + "', NULL, NULL, 'proto_version', '1', 'messages', 'true', 'publication_names', '"
                                + names.rowsPublication() + "')",
                        row -> PgOutputDecoder.decode(ByteBuffer.wrap(row.getBytes(1))))
                .stream()
                .map(message -> message.getClass().getSimpleName())
                .toList();
        assertThat(order)
                .containsExactly(
                        "Begin",
                        "Relation",
                        "Insert",
                        "LogicalMessage",
                        "LogicalMessage",
                        "Relation",
                        "Insert",
                        "Commit");
    }
}
