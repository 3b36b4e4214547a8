package dev.reinstate.postgres.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CopyTextTest {
    private static final TableName ROWS = TableName.parse("rows");
    private static final List<String> COLUMNS = List.of("id", "a", "b");

    private final Database database = TestServer.shared().newDatabase();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @BeforeEach
    void create() {
        TestServer.execute(database, "CREATE TABLE public.rows (id int PRIMARY KEY, a text, b text)");
    }

    private static Tuple parse(String line, int columns) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return CopyText.parse(bytes, 0, bytes.length, columns);
    }

    @Test
    void readsEveryEscape() {
        Tuple row = parse("\\b\\f\\n\\r\\t\\v\\\\\t\\N\t\t\\N \t\\101\\x41\\x4g\\q\t\\\\N\n", 6);
        assertThat(row.text(0)).contains("\b\f\n\r\t\u000B\\");
        assertThat(row.isNull(1)).isTrue();
        assertThat(row.text(2)).contains("");
        assertThat(row.text(3)).contains("N ");
        assertThat(row.text(4)).contains("AA\u0004gq");
        assertThat(row.text(5)).contains("\\N");
    }

    @Test
    void readsAnEmptyLineAsOneEmptyColumnOrNone() {
        assertThat(parse("\n", 1).text(0)).contains("");
        assertThat(parse("\n", 0)).isEqualTo(Tuple.EMPTY);
    }

    @Test
    void refusesALineOfAnotherWidth() {
        assertThatThrownBy(() -> parse("a\tb\n", 3))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.BUG));
    }

    @Test
    void writesWhatItReads() throws IOException {
        for (int i = 0; i < 2000; i++) {
            Tuple row = randomRow(i);
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            CopyText.write(row, written);
            byte[] line = written.toByteArray();
            assertThat(CopyText.parse(line, 0, line.length, 3))
                    .as("seed " + seed)
                    .isEqualTo(row);
        }
    }

    @Test
    void theServerReadsAndWritesTheSame() throws SQLException, NoSuchAlgorithmException {
        List<Tuple> rows = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            rows.add(randomRow(i));
        }
        rows.add(Tuple.ofTexts(List.of(Optional.of("3000"), Optional.of("x\t\\".repeat(70_000)), Optional.empty())));
        try (Connection connection = database.connect()) {
            try (CopyIn copy = CopyIn.start(connection, ROWS, COLUMNS)) {
                rows.forEach(copy::add);
                assertThat(copy.finish()).isEqualTo(rows.size());
            }
            List<Tuple> read = new ArrayList<>();
            assertThat(CopyOut.forEach(connection, "SELECT * FROM public.rows ORDER BY id", 3, read::add))
                    .isEqualTo(rows.size());
            assertThat(read).as("seed " + seed).isEqualTo(rows);
            // and the server means the same bytes, by a way that knows no escapes
            List<String> digests = Query.list(
                    connection,
                    "Cannot read",
                    "SELECT coalesce(md5(a), '-') FROM public.rows ORDER BY id",
                    row -> row.getString(1));
            for (int i = 0; i < rows.size(); i++) {
                assertThat(digests.get(i)).as("seed " + seed).isEqualTo(md5(rows.get(i)));
            }
        }
    }

    private static String md5(Tuple row) throws NoSuchAlgorithmException {
        if (row.isNull(1)) {
            return "-";
        }
        MessageDigest digest = MessageDigest.getInstance("MD5");
        digest.update(row.encoded(), row.valueOffset(1), row.valueLength(1));
        return HexFormat.of().formatHex(digest.digest());
    }

    private Tuple randomRow(int id) {
        return Tuple.ofTexts(List.of(Optional.of(String.valueOf(id)), randomText(), randomText()));
    }

    private Optional<String> randomText() {
        if (random.nextInt(8) == 0) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> text.append("\b\f\n\r\t\u000B\\N.\u0001\u007F".charAt(random.nextInt(11)));
                case 1 -> text.appendCodePoint(0x1F600 + random.nextInt(64));
                case 2 -> text.append((char) (0xA0 + random.nextInt(0x500)));
                default -> text.append((char) (' ' + random.nextInt(95)));
            }
        }
        return Optional.of(text.toString());
    }

    @Test
    void writesChosenColumnsOfWiderRows() throws SQLException {
        try (Connection connection = database.connect();
                CopyIn copy = CopyIn.start(connection, ROWS, List.of("b", "id"))) {
            copy.add(Tuple.ofTexts(List.of(Optional.of("1"), Optional.of("skipped"), Optional.of("b"))), new int[] {2, 0
            });
            assertThat(copy.finish()).isEqualTo(1);
            assertThat(TestServer.text(connection, "SELECT r::text FROM public.rows r"))
                    .isEqualTo("(1,,b)");
        }
    }

    @Test
    void neverWritesAnUnchangedColumn() throws SQLException {
        try (Connection connection = database.connect();
                CopyIn copy = CopyIn.start(connection, ROWS, COLUMNS)) {
            Tuple row = new Tuple.Builder(8)
                    .addText(new byte[] {'1'})
                    .addUnchanged()
                    .addNull()
                    .build();
            assertThatThrownBy(() -> copy.add(row)).isInstanceOf(IllegalArgumentException.class);
        }
        try (Connection connection = database.connect()) {
            assertThat(TestServer.text(connection, "SELECT count(*) FROM public.rows"))
                    .isEqualTo("0");
        }
    }

    @Test
    void anAbandonedReadLeavesTheConnectionUsable() throws SQLException {
        try (Connection connection = database.connect()) {
            try (CopyOut copy = CopyOut.start(connection, "SELECT i, i, i FROM generate_series(1, 5000000) i", 3)) {
                assertThat(copy.next()).isNotNull();
            }
            assertThat(TestServer.text(connection, "SELECT 'alive'")).isEqualTo("alive");
        }
    }

    @Test
    void aReadThatEndedIsNotCancelled() throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            assertThat(CopyOut.forEach(connection, "SELECT 1 WHERE false", 1, row -> {}))
                    .isZero();
            assertThat(TestServer.text(connection, "SELECT 'alive'")).isEqualTo("alive");
        }
    }

    @Test
    void aRefusedRowIsToldWithoutItsValue() throws SQLException {
        TestServer.execute(database, "CREATE TABLE public.numbers (id int PRIMARY KEY, n int)");
        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> copyNumbers(connection, "1", "secret"))
                    .isInstanceOfSatisfying(ReinstateException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT);
                        assertThat(e).hasMessageNotContaining("secret").hasNoCause();
                    });
            copyNumbers(connection, "77889", "2");
            assertThatThrownBy(() -> copyNumbers(connection, "77889", "3"))
                    .isInstanceOfSatisfying(ReinstateException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT);
                        assertThat(e)
                                .hasMessageContaining("numbers_pkey")
                                .hasMessageContaining("public.numbers")
                                .hasMessageNotContaining("77889")
                                .hasNoCause();
                    });
        }
    }

    private static void copyNumbers(Connection connection, String id, String n) {
        try (CopyIn copy = CopyIn.start(connection, TableName.parse("numbers"), List.of("id", "n"))) {
            copy.add(Tuple.ofTexts(List.of(Optional.of(id), Optional.of(n))));
            copy.finish();
        }
    }

    @Test
    void aMissingTableIsToldAsWhatItIs() throws SQLException {
        try (Connection connection = database.connect()) {
            assertThatThrownBy(() -> CopyIn.start(connection, TableName.parse("gone"), List.of("id")))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT));
            assertThat(PostgresFailure.state(new SQLException("no state"))).isEmpty();
        }
    }
}
