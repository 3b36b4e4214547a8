package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that name a row that is gone: whose they are must not hang on what an index of ours happens to remember. */
class GoneParentsTest extends ServerTest {
    private static final String SHOP = """
            ALTER TABLE thumbnail DROP CONSTRAINT thumbnail_attachment_id_fkey;
            INSERT INTO site (id, name) VALUES ('a', 'A'), ('b', 'B');
            INSERT INTO project (id, site_id) VALUES (1, 'a'), (2, 'b'), (3, 'a');
            INSERT INTO attachment VALUES (1, 'Project', '1', 'f'), (2, 'Project', '2', 'f'), (3, 'Nobody', '1', 'f'),
                (4, 'Site', 'b', 'f'), (5, 'Project', '3', 'f');
            INSERT INTO thumbnail SELECT id, id, 't' FROM attachment;
            """;

    /** What becomes of the index between two transactions. */
    enum Index {
        KEPT,
        /** Falls back to where it was before the transaction and is caught up from the archive. */
        CAUGHT_UP,
        REBUILT
    }

    private SortedMap<String, List<String>> after(Index index, String name, String... transactions) throws Exception {
        return after(index, name, ShopSchema.map(), SHOP, transactions);
    }

    /** Runs transactions, one after another; of several lines, each is one of its own. */
    private SortedMap<String, List<String>> after(
            Index index, String name, TenancyMap map, String beginning, String... transactions) throws Exception {
        String database = name + "_" + index.name().toLowerCase(Locale.ROOT);
        try (CaptureHarness shop = new CaptureHarness(server, database, ShopSchema.DDL, map, directory)) {
            shop.run(beginning);
            shop.start();
            ArchiveReader reader = shop.quiesced();
            Path saved = directory.resolve("saved");
            for (String transaction : transactions) {
                if (index == Index.CAUGHT_UP) {
                    shop.stop();
                    copy(shop.settings.workDirectory(), saved);
                    shop.start();
                }
                transaction.lines().forEach(shop::run);
                reader = shop.quiesced();
                if (index != Index.KEPT) {
                    shop.stop();
                    RandomHistoryTest.deleteIndex(shop.settings.workDirectory());
                    if (index == Index.CAUGHT_UP) {
                        Files.move(saved, shop.settings.workDirectory());
                    }
                    shop.start();
                }
            }
            SortedMap<String, List<String>> rows = shop.folded(reader, CaptureHarness.end(reader));
            rows.keySet().removeIf(key -> !key.matches(".* (attachment|thumbnail|release|asset|mark)"));
            return rows;
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatOutlivesATruncatedTableStaysBehind(Index index) throws Exception {
        var rows = after(
                index,
                "emptied",
                "INSERT INTO issue VALUES (1, 1, 't'), (2, 1, 't'); INSERT INTO comment VALUES (10, 1, 1, 'c');"
                        + " INSERT INTO attachment VALUES (10, 'Comment', '10', 'f'), (11, 'Project', '1', 'f')",
                "TRUNCATE comment CASCADE",
                "UPDATE project SET site_id = 'b' WHERE id = 1",
                "UPDATE attachment SET body = 'g' WHERE id = 10");
        assertThat(rows.get("a attachment")).containsExactlyInAnyOrder("10|Comment|10|g", "5|Project|3|f");
        assertThat(rows.get("b attachment"))
                .containsExactlyInAnyOrder("1|Project|1|f", "11|Project|1|f", "2|Project|2|f", "4|Site|b|f");
    }

    @ParameterizedTest
    @EnumSource
    void whatATruncatedTableGetsBackTakesAlongWhatNamesIt(Index index) throws Exception {
        var rows = after(
                index,
                "refilled",
                "INSERT INTO issue VALUES (1, 1, 't'), (2, 1, 't'); INSERT INTO comment VALUES (10, 1, 1, 'c'), (11, 1, 1, 'c');"
                        + " INSERT INTO attachment VALUES (10, 'Comment', '10', 'f'), (11, 'Comment', '11', 'f')",
                "BEGIN; INSERT INTO comment VALUES (12, 1, 1, 'c');"
                        + " INSERT INTO attachment VALUES (12, 'Comment', '12', 'f'), (13, 'Comment', '12', 'f');"
                        + " TRUNCATE comment CASCADE; INSERT INTO comment VALUES (10, 2, 1, 'c');"
                        + " INSERT INTO attachment VALUES (14, 'Comment', '11', 'f'); COMMIT",
                "INSERT INTO comment VALUES (12, 2, 1, 'c')",
                "UPDATE project SET site_id = 'b' WHERE id = 1");
        assertThat(rows.get("a attachment")).containsExactlyInAnyOrder("11|Comment|11|f", "5|Project|3|f");
        assertThat(rows.get("b attachment"))
                .containsExactlyInAnyOrder(
                        "1|Project|1|f",
                        "2|Project|2|f",
                        "4|Site|b|f",
                        "10|Comment|10|f",
                        "12|Comment|12|f",
                        "13|Comment|12|f");
        assertThat(rows.get("*unattributed* attachment")).containsExactlyInAnyOrder("14|Comment|11|f", "3|Nobody|1|f");
    }

    @ParameterizedTest
    @EnumSource
    void aTruncatedPartTakesNoRowsOfOtherParts(Index index) throws Exception {
        TreeMap<String, TableName> types = new TreeMap<>(
                Map.of("Project", new TableName("public", "project"), "Ticket", new TableName("public", "ticket")));
        TableRule ticket = new TableRule.ByPath(List.of("project_id"), new TableName("public", "project"));
        TreeMap<TableName, TableRule> rules = new TreeMap<>(ShopSchema.map().rules());
        List.of("ticket", "ticket_1", "ticket_2").forEach(name -> rules.put(new TableName("public", name), ticket));
        rules.put(new TableName("public", "attachment"), new TableRule.ByType("owner_type", "owner_id", types));
        TenancyMap map = ShopSchema.map().withRules(rules);
        var rows = after(
                index,
                "part",
                map,
                """
                CREATE TABLE ticket (id bigint PRIMARY KEY, project_id bigint) PARTITION BY RANGE (id);
                CREATE TABLE ticket_1 PARTITION OF ticket FOR VALUES FROM (0) TO (100);
                CREATE TABLE ticket_2 PARTITION OF ticket FOR VALUES FROM (100) TO (200);
                INSERT INTO site (id, name) VALUES ('a', 'A'), ('b', 'B');
                INSERT INTO project (id, site_id) VALUES (1, 'a'), (2, 'b');
                INSERT INTO ticket VALUES (1, 1), (101, 1);
                INSERT INTO attachment VALUES (1, 'Ticket', '1', 'f'), (101, 'Ticket', '101', 'f');
                """,
                "INSERT INTO ticket VALUES (2, 1); INSERT INTO attachment VALUES (2, 'Ticket', '2', 'f')",
                "BEGIN; INSERT INTO ticket VALUES (3, 1); INSERT INTO attachment VALUES (3, 'Ticket', '3', 'f');"
                        + " TRUNCATE ticket_1; COMMIT",
                "UPDATE project SET site_id = 'b' WHERE id = 1");
        assertThat(rows.get("a attachment")).containsExactlyInAnyOrder("1|Ticket|1|f", "2|Ticket|2|f", "3|Ticket|3|f");
        assertThat(rows.get("b attachment")).containsExactlyInAnyOrder("101|Ticket|101|f");
    }

    @ParameterizedTest
    @EnumSource
    void ofSeveralLinksTheNextCountsOnceTheFirstIsEmpty(Index index) throws Exception {
        TenancyMap map = ShopSchema.with(
                ShopSchema.map(),
                "mark",
                new TableRule.ByPaths(List.of(
                        new TableRule.ByPath(List.of("project_id"), new TableName("public", "project")),
                        new TableRule.ByPath(List.of("code"), new TableName("public", "project"), List.of("code")),
                        new TableRule.ByPath(List.of("attachment_id"), new TableName("public", "attachment")))));
        var rows = after(
                index,
                "links",
                map,
                SHOP + """
                CREATE TABLE mark (id bigint PRIMARY KEY, project_id bigint, code text, attachment_id bigint);
                UPDATE project SET code = 'c' || id;
                INSERT INTO mark VALUES (1, 1, '', 3), (2, NULL, NULL, 2), (3, 1, NULL, 2), (5, 3, NULL, 5), (6, NULL, 'c1', 2);
                """,
                "INSERT INTO mark VALUES (4, NULL, NULL, NULL), (7, 99, 'c1', 1), (8, 2, 'c1', 1), (9, NULL, NULL, 1)",
                "DELETE FROM project WHERE id = 3",
                "UPDATE mark SET project_id = NULL WHERE id IN (3, 8); UPDATE mark SET attachment_id = NULL WHERE id = 2;"
                        + " UPDATE project SET code = 'other' WHERE id = 1",
                "INSERT INTO project (id, site_id) VALUES (3, 'b')",
                "UPDATE project SET site_id = 'b' WHERE id = 1",
                "UPDATE project SET code = 'c1' WHERE id = 2; UPDATE mark SET code = 'c1' WHERE id = 9");
        assertThat(rows.get("a mark")).isNull();
        assertThat(rows.get("b mark"))
                .containsExactlyInAnyOrder(
                        "1|1||3",
                        "2|NULL|NULL|NULL",
                        "3|NULL|NULL|2",
                        "5|3|NULL|5",
                        "6|NULL|c1|2",
                        "8|NULL|c1|1",
                        "9|NULL|c1|1");
        assertThat(rows.get("*unattributed* mark")).containsExactlyInAnyOrder("4|NULL|NULL|NULL", "7|99|c1|1");
    }

    @ParameterizedTest
    @EnumSource
    void whatNamesARowThatWasGoneBeforeIsNobodys(Index index) throws Exception {
        var rows = after(
                index,
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
    @EnumSource
    void aColumnWithoutAForeignKeyIsNoOther(Index index) throws Exception {
        var rows = after(
                index,
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
    @EnumSource
    void inOneTransactionTheOrderDecides(Index index) throws Exception {
        var rows = after(
                index,
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
    @EnumSource
    void whatWasLeftBehindGoesWithWhatItNamesOnceThatIsBack(Index index) throws Exception {
        var rows = after(
                index,
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
    @EnumSource
    void whatNobodysRowLeftBehindStaysNobodys(Index index) throws Exception {
        var rows = after(
                index,
                "nobodys",
                "DELETE FROM attachment WHERE id = 3",
                "INSERT INTO attachment VALUES (3, 'Site', 'a', 'f')",
                "UPDATE thumbnail SET body = 'u' WHERE id <> 3");
        assertThat(rows.get("a attachment")).contains("3|Site|a|f");
        assertThat(rows.get("*unattributed* thumbnail")).containsExactlyInAnyOrder("3|3|t");
    }

    /** What names it still stays, whatever becomes of the row; another row that takes it takes along what names it. */
    @ParameterizedTest
    @EnumSource
    void aValueThatIsGivenUpIsAsARowThatIsGone(Index index) throws Exception {
        var rows = after(index, "given_up", ShopSchema.map(), """
                ALTER TABLE release DROP CONSTRAINT release_code_fkey;
                INSERT INTO site (id, name) VALUES ('a', 'A'), ('b', 'B'), ('c', 'C');
                INSERT INTO project (id, site_id, code)
                    VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'a', 'z'), (4, 'a', 'v'), (5, 'a', 'p'), (6, 'b', 'q');
                INSERT INTO release VALUES (1, 'x', 1, 'r'), (2, 'y', 1, 'r'), (3, 'z', 1, 'r'), (4, 'v', 1, 'r'),
                    (5, 'p', 1, 'r'), (6, 'q', 1, 'r');
                INSERT INTO asset VALUES (1, 'x', 1, 's');
                """, """
                UPDATE project SET code = 'w' WHERE id = 1
                UPDATE project SET code = NULL WHERE id = 3
                UPDATE project SET code = 'o' WHERE id = 5
                UPDATE release SET code = 'p', no = 3 WHERE id = 6
                """, """
                INSERT INTO release VALUES (7, 'x', 2, 'r')
                UPDATE release SET code = 'x', no = 3 WHERE id = 2
                UPDATE project SET site_id = 'b' WHERE id IN (1, 3)
                UPDATE release SET body = 's'
                UPDATE project SET id = 9, code = 'p' WHERE id = 6
                """, """
                BEGIN; UPDATE project SET site_id = 'c', code = 'u' WHERE id = 4; INSERT INTO project VALUES (8, 'c', '', NULL, NULL, 'z'); COMMIT
                UPDATE project SET site_id = 'c' WHERE id = 9
                DELETE FROM project WHERE id = 9
                UPDATE release SET body = 't' WHERE code = 'p'
                """);
        assertThat(rows.get("a release")).containsExactlyInAnyOrder("1|x|1|s", "4|v|1|s");
        assertThat(rows.get("a asset")).containsExactlyInAnyOrder("1|x|1|s");
        assertThat(rows.get("b release")).containsExactlyInAnyOrder("2|x|3|s");
        assertThat(rows.get("c release")).containsExactlyInAnyOrder("3|z|1|s", "5|p|1|t", "6|p|3|t");
        assertThat(rows.get("*unattributed* release")).containsExactlyInAnyOrder("7|x|2|s");
    }

    /** Each stays with its own; all go along once it is back, and are whose it was when it goes again. */
    @ParameterizedTest
    @EnumSource
    void rowsOfSeveralTenantsMayNameTheSameThatIsGone(Index index) throws Exception {
        String leave = """
                DELETE FROM project WHERE id = 1
                UPDATE attachment SET owner_id = '1' WHERE id = 2
                UPDATE attachment SET owner_type = 'Project', owner_id = '1' WHERE id = 4
                """;
        var rows = after(index, "several", leave, "UPDATE attachment SET body = 'g'");
        assertThat(rows.get("a attachment")).containsExactlyInAnyOrder("1|Project|1|g", "5|Project|3|g");
        assertThat(rows.get("b attachment")).containsExactlyInAnyOrder("2|Project|1|g", "4|Project|1|g");
        rows = after(index, "several_back", leave, """
                INSERT INTO site VALUES ('c', 'C', NULL)
                INSERT INTO project VALUES (1, 'c')
                DELETE FROM project WHERE id = 1
                """, "UPDATE attachment SET body = 'h' WHERE id <> 5");
        assertThat(rows.get("c attachment"))
                .containsExactlyInAnyOrder("1|Project|1|h", "2|Project|1|h", "4|Project|1|h");
        assertThat(rows.get("c thumbnail")).containsExactlyInAnyOrder("1|1|t", "2|2|t", "4|4|t");
    }

    /** Nothing but the archive tells whose such a row is once what it names is gone. */
    @ParameterizedTest
    @EnumSource
    void rowsWithoutAKeyGoAlongWithWhatIsBack(Index index) throws Exception {
        TableRule mark = new TableRule.ByPath(List.of("attachment_id"), new TableName("public", "attachment"));
        var rows = after(
                index,
                "keyless",
                ShopSchema.with(ShopSchema.map(), "mark", mark),
                SHOP + "CREATE TABLE mark (attachment_id bigint); INSERT INTO mark VALUES (1), (2), (5)",
                """
                DELETE FROM attachment WHERE id IN (1, 2)
                INSERT INTO mark VALUES (1)
                """,
                """
                INSERT INTO attachment VALUES (1, 'Site', 'b', 'back')
                UPDATE project SET site_id = 'a' WHERE id = 2
                """);
        assertThat(rows.get("a mark")).containsExactlyInAnyOrder("5");
        assertThat(rows.get("b mark")).containsExactlyInAnyOrder("1", "2");
        assertThat(rows.get("*unattributed* mark")).containsExactlyInAnyOrder("1");
    }
}
