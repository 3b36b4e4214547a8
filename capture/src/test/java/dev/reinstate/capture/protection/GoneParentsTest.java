package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that name a row that is gone: whose they are must not hang on what an index of ours happens to remember. */
class GoneParentsTest {
    private static final String SHOP = """
            ALTER TABLE thumbnail DROP CONSTRAINT thumbnail_attachment_id_fkey;
            INSERT INTO site (id, name) VALUES ('a', 'A'), ('b', 'B');
            INSERT INTO project (id, site_id) VALUES (1, 'a'), (2, 'b'), (3, 'a');
            INSERT INTO attachment VALUES (1, 'Project', '1', 'f'), (2, 'Project', '2', 'f'), (3, 'Nobody', '1', 'f'),
                (4, 'Site', 'b', 'f'), (5, 'Project', '3', 'f');
            INSERT INTO thumbnail SELECT id, id, 't' FROM attachment;
            """;

    private static EmbeddedPostgres server;

    @TempDir
    Path directory;

    @BeforeAll
    static void startServer() throws IOException {
        server = CaptureHarness.startServer();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    /** Runs transactions, one after another; between them the index may have to be rebuilt. */
    private SortedMap<String, List<String>> after(boolean rebuilt, String name, String... transactions)
            throws Exception {
        try (CaptureHarness shop =
                new CaptureHarness(server, name + "_" + rebuilt, ShopSchema.DDL, ShopSchema.map(), directory)) {
            shop.run(SHOP);
            shop.start();
            ArchiveReader reader = shop.quiesced();
            for (String transaction : transactions) {
                shop.run(transaction);
                reader = shop.quiesced();
                if (rebuilt) {
                    shop.stop();
                    RandomHistoryTest.deleteIndex(shop.settings.workDirectory());
                    shop.start();
                }
            }
            SortedMap<String, List<String>> rows = shop.folded(reader, CaptureHarness.end(reader));
            rows.keySet().removeIf(key -> !key.endsWith(" attachment") && !key.endsWith(" thumbnail"));
            return rows;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatNamesARowThatWasGoneBeforeIsNobodys(boolean rebuilt) throws Exception {
        var rows = after(
                rebuilt,
                "late",
                "DELETE FROM project WHERE id = 1",
                "BEGIN; INSERT INTO thumbnail VALUES (20, 20, 't'); INSERT INTO attachment VALUES (20, 'Project', '1', 'f');"
                        + " COMMIT",
                "UPDATE attachment SET owner_type = 'Project' WHERE id = 3",
                "UPDATE attachment SET owner_id = '1' WHERE id = 2",
                "UPDATE attachment SET body = 'g'",
                "INSERT INTO thumbnail VALUES (21, 20, 't'), (22, 1, 't')");
        assertThat(rows.get("a attachment"))
                .as("it was a's when what it names went")
                .containsExactlyInAnyOrder("1|Project|1|g", "5|Project|3|g");
        assertThat(rows.get("b attachment"))
                .as("what names nothing any more stays where it was")
                .containsExactlyInAnyOrder("2|Project|1|g", "4|Site|b|g");
        assertThat(rows.get("*unattributed* attachment")).containsExactlyInAnyOrder("20|Project|1|g", "3|Project|1|g");
        assertThat(rows.get("a thumbnail")).containsExactlyInAnyOrder("1|1|t", "22|1|t", "5|5|t");
        assertThat(rows.get("*unattributed* thumbnail")).containsExactlyInAnyOrder("20|20|t", "21|20|t", "3|3|t");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aColumnWithoutAForeignKeyIsNoOther(boolean rebuilt) throws Exception {
        var rows = after(
                rebuilt,
                "column",
                "DELETE FROM attachment WHERE id IN (1, 2)",
                "INSERT INTO thumbnail VALUES (20, 1, 't')",
                "BEGIN; INSERT INTO thumbnail VALUES (21, 1, 't'), (22, 1, 't'), (23, 1, 't');"
                        + " DELETE FROM thumbnail WHERE id = 22; UPDATE thumbnail SET attachment_id = 4 WHERE id = 21; COMMIT",
                "BEGIN; UPDATE thumbnail SET attachment_id = 1 WHERE id = 4; UPDATE thumbnail SET body = 'u' WHERE id = 4;"
                        + " COMMIT",
                "BEGIN; UPDATE thumbnail SET attachment_id = 2 WHERE id = 5; DELETE FROM thumbnail WHERE id = 5; COMMIT",
                "DELETE FROM thumbnail WHERE id = 20");
        assertThat(rows.get("a thumbnail")).containsExactlyInAnyOrder("1|1|t");
        assertThat(rows.get("b thumbnail")).containsExactlyInAnyOrder("2|2|t", "21|4|t", "4|1|u");
        assertThat(rows.get("*unattributed* thumbnail")).containsExactlyInAnyOrder("23|1|t", "3|3|t");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inOneTransactionTheOrderDecides(boolean rebuilt) throws Exception {
        var rows = after(
                rebuilt,
                "order",
                "BEGIN; DELETE FROM project WHERE id = 1; INSERT INTO attachment VALUES (20, 'Project', '1', 'f'); COMMIT",
                "BEGIN; INSERT INTO attachment VALUES (21, 'Project', '3', 'f'); DELETE FROM project WHERE id = 3; COMMIT",
                "BEGIN; INSERT INTO attachment VALUES (22, 'Project', '1', 'f'); INSERT INTO project VALUES (1, 'b'); COMMIT",
                "DELETE FROM project WHERE id = 1",
                "UPDATE attachment SET body = 'g'");
        assertThat(rows.get("a attachment")).containsExactlyInAnyOrder("21|Project|3|g", "5|Project|3|g");
        assertThat(rows.get("b attachment"))
                .as("what was left behind went along with what it names")
                .containsExactlyInAnyOrder("1|Project|1|g", "2|Project|2|g", "22|Project|1|g", "4|Site|b|g");
        assertThat(rows.get("*unattributed* attachment")).containsExactlyInAnyOrder("20|Project|1|g", "3|Nobody|1|g");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasLeftBehindGoesWithWhatItNamesOnceThatIsBack(boolean rebuilt) throws Exception {
        var rows = after(
                rebuilt,
                "back",
                "DELETE FROM project WHERE id = 1",
                "INSERT INTO attachment VALUES (20, 'Project', '1', 'f'), (21, 'Project', '9', 'f')",
                "UPDATE attachment SET owner_id = '8' WHERE id = 2",
                "DELETE FROM attachment WHERE id = 3",
                "INSERT INTO project VALUES (1, 'b'), (8, 'a'), (9, 'a')",
                "INSERT INTO attachment VALUES (3, 'Comment', '7', 'f')");
        assertThat(rows.get("a attachment")).containsExactlyInAnyOrder("2|Project|8|f", "5|Project|3|f");
        assertThat(rows.get("b attachment")).containsExactlyInAnyOrder("1|Project|1|f", "4|Site|b|f");
        assertThat(rows.get("*unattributed* attachment"))
                .as("what referred to nothing from the beginning stays nobody's")
                .containsExactlyInAnyOrder("20|Project|1|f", "21|Project|9|f", "3|Comment|7|f");
        assertThat(rows.get("*unattributed* thumbnail"))
                .as("and so does what nobody's row left behind")
                .containsExactlyInAnyOrder("3|3|t");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatNobodysRowLeftBehindStaysNobodys(boolean rebuilt) throws Exception {
        var rows = after(
                rebuilt,
                "nobodys",
                "DELETE FROM attachment WHERE id = 3",
                "INSERT INTO attachment VALUES (3, 'Site', 'a', 'f')",
                "UPDATE thumbnail SET body = 'u' WHERE id <> 3");
        assertThat(rows.get("a attachment")).contains("3|Site|a|f");
        assertThat(rows.get("*unattributed* thumbnail")).containsExactlyInAnyOrder("3|3|t");
    }
}
