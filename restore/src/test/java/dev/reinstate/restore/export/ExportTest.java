package dev.reinstate.restore.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.receipt.ReceiptJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;

class ExportTest {
    private static final TenantId SITE = new TenantId("s2");

    @TempDir
    Path directory;

    @Test
    void sqlLoadsIntoAnEmptyDatabase() throws IOException, SQLException {
        TenantStore store = Shop.filled(directory, 2);
        Path target = directory.resolve("out");
        new Export(store.reader()).write(SITE, store.position(), ExportFormat.SQL, table -> true, target);
        TestServer scratch = Shop.newServer();

        loadAsPsqlWould(scratch, Files.readString(target.resolve("tenant.sql")));

        assertThat(Shop.contents(scratch, "s2"))
                .isEqualTo(Shop.contents(store.server(), "s2"))
                .isNotEmpty();
    }

    private static void loadAsPsqlWould(TestServer server, String script) throws SQLException, IOException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica"); // sites and members refer to each other
            StringBuilder sql = new StringBuilder();
            List<String> lines = List.of(script.split("\n", -1));
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith("COPY ")) {
                    StringBuilder rows = new StringBuilder();
                    String copy = lines.get(i);
                    for (i++; !lines.get(i).equals("\\."); i++) {
                        rows.append(lines.get(i)).append('\n');
                    }
                    statement.execute(sql.toString());
                    sql.setLength(0);
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(
                                    copy.replace(";", ""),
                                    new ByteArrayInputStream(rows.toString().getBytes(StandardCharsets.UTF_8)));
                } else {
                    sql.append(lines.get(i)).append('\n');
                }
            }
            statement.execute(sql.toString());
        }
    }

    @Test
    void csvTellsNullFromEmptyAndLoads() throws IOException, SQLException {
        TenantStore store = Shop.filled(directory, 2);
        Path target = directory.resolve("out");
        new Export(store.reader()).write(SITE, store.position(), ExportFormat.CSV, table -> true, target);
        TestServer scratch = Shop.newServer();

        String comments = Files.readString(target.resolve("public.comment.csv"));
        assertThat(comments).startsWith("id,issue_id,body\r\n").contains(",\"\"\r\n");
        try (Connection connection = scratch.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            for (String table :
                    List.of("site", "member", "comment", "attachment", "visit", "event_2026", "event_2027")) {
                byte[] file = Files.readAllBytes(target.resolve("public." + table + ".csv"));
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY public." + table + " FROM STDIN (FORMAT csv, HEADER)",
                                new ByteArrayInputStream(file));
            }
        }
        assertThat(scratch.rows("SELECT * FROM public.comment ORDER BY id"))
                .isEqualTo(store.server()
                        .rows("SELECT c.* FROM public.comment c JOIN public.issue i ON i.id = issue_id "
                                + "WHERE site_id = 's2' ORDER BY id"));
        assertThat(scratch.rows("SELECT * FROM public.member ORDER BY id"))
                .isEqualTo(store.server().rows("SELECT * FROM public.member WHERE site_id = 's2' ORDER BY id"));
    }

    @Test
    void jsonHasAnObjectALineWithNothingRounded() throws IOException {
        TenantStore store = Shop.filled(directory, 2);
        Path target = directory.resolve("out");
        Export.Result result = new Export(store.reader())
                .write(SITE, store.position(), ExportFormat.JSON, TableName.parse("issue")::equals, target);

        List<String> lines = Files.readAllLines(target.resolve("public.issue.ndjson"));
        assertThat(result.rows()).containsOnlyKeys(TableName.parse("issue"));
        assertThat(lines).hasSize(6);
        JsonNode first = ReceiptJson.mapper().readTree(lines.getFirst());
        assertThat(first.get("site_id").asString()).isEqualTo("s2");
        assertThat(first.get("id").isIntegralNumber()).isTrue();
        assertThat(first.get("price").asString()).matches("[0-9]+\\.[0-9]{2}");
        assertThat(first.get("meta").isObject()).isTrue();
        try (Stream<Path> files = Files.list(target)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void nothingIsWrittenOver() {
        TenantStore store = Shop.filled(directory, 2);
        ReinstateException failure = catchThrowableOfType(
                ReinstateException.class,
                () -> new Export(store.reader())
                        .write(SITE, store.position(), ExportFormat.CSV, table -> true, directory));
        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
    }

    @Test
    void aTenantWithoutRowsIsNotExported() {
        TenantStore store = Shop.filled(directory, 1);
        Path target = directory.resolve("out");
        ReinstateException failure = catchThrowableOfType(
                ReinstateException.class,
                () -> new Export(store.reader())
                        .write(new TenantId("nobody"), store.position(), ExportFormat.SQL, table -> true, target));
        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(target).doesNotExist();
    }
}
