package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TenantId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories of rows that belong by type, by their schema, or by unique columns that are no key. */
class RuleHistoriesTest extends ServerTest {
    private static final List<String> TABLES = List.of(
            "site",
            "project",
            "comment",
            "subscription",
            "release",
            "asset",
            "attachment",
            "thumbnail",
            "t_a.page",
            "t_a.line",
            "t_b.page");

    private static final String TWO_SITES = """
            INSERT INTO site (id, name, slug) VALUES ('a', 'A', 'slug-a'), ('b', 'B', 'slug-b');
            INSERT INTO project (id, site_id, code) VALUES (1, 'a', 'one'), (2, 'b', 'two'), (3, 'a', NULL);
            INSERT INTO issue VALUES (1, 1, 't'), (2, 1, 't');
            INSERT INTO comment VALUES (10, 1, 1, 'c'), (12, 2, 1, 'c');
            INSERT INTO subscription VALUES (1, 'slug-a', 'x'), (2, 'slug-b', 'x');
            INSERT INTO release VALUES (1, 'one', 1, 'r'), (2, 'two', 1, 'r');
            INSERT INTO asset VALUES (1, 'one', 1, 'a'), (2, 'two', 1, 'a');
            INSERT INTO attachment VALUES (1, 'Project', '1', 'f'), (2, 'Project', '2', 'f'), (3, 'Comment', '10', 'f'),
                (4, 'Site', 'b', 'f'), (5, 'Nobody', '1', 'f');
            INSERT INTO thumbnail SELECT id, id, 't' FROM attachment;
            INSERT INTO t_a.page VALUES (1, 'p'), (2, 'p'); INSERT INTO t_a.line VALUES (1, 1), (2, 2);
            INSERT INTO t_b.page VALUES (1, 'p');
            """;

    private CaptureHarness twoSites(String name) {
        CaptureHarness shop = new CaptureHarness(server, name, ShopSchema.DDL, ShopSchema.map(), directory);
        shop.run(TWO_SITES);
        shop.start();
        shop.requireFoldEqualsOracle("image", TABLES);
        return shop;
    }

    @Test
    void aParentThatMovesTakesAlongWhatNamesItByTypeAndByValue() throws Exception {
        try (CaptureHarness shop = twoSites("along")) {
            shop.run("UPDATE project SET site_id = 'b' WHERE id = 1");
            shop.requireFoldEqualsOracle("moved", TABLES);
            shop.run(
                    "BEGIN; UPDATE attachment SET body = 'g' WHERE id = 1; UPDATE project SET site_id = 'a' WHERE id = 1;"
                            + " DELETE FROM thumbnail WHERE id = 3; UPDATE asset SET body = 'b'; COMMIT");
            shop.requireFoldEqualsOracle("moved back among other changes", TABLES);
        }
    }

    @Test
    void aRowOfAnotherTypeIsOfAnotherTenantWithAllBelowIt() throws Exception {
        try (CaptureHarness shop = twoSites("retyped")) {
            shop.run("UPDATE attachment SET owner_type = 'Site', owner_id = 'b' WHERE id = 1");
            shop.requireFoldEqualsOracle("another type", TABLES);
            assertThat(operations(shop, "a", "thumbnail")).containsExactly(Operation.LEAVE);
            assertThat(operations(shop, "b", "thumbnail")).containsExactly(Operation.ENTER);
            shop.run("UPDATE attachment SET owner_type = 'Comment', owner_id = '10' WHERE id IN (1, 5)");
            shop.requireFoldEqualsOracle("and back; what was nobody's is somebody's", TABLES);
        }
    }

    private static List<Operation> operations(CaptureHarness shop, String tenant, String table) {
        ArchiveReader reader = shop.quiesced();
        Lsn image = reader.state().images().getLast().position();
        List<Operation> operations = new ArrayList<>();
        try (ArchiveReader.ChangeStream changes =
                reader.changes(Partition.of(new TenantId(tenant)), image.previous(), CaptureHarness.end(reader))) {
            while (changes.hasNext()) {
                var change = changes.next();
                if (change.table().name().name().equals(table)) {
                    operations.add(change.operation());
                }
            }
        }
        return operations;
    }

    @Test
    void whatNamesAValueGoesWithTheValue() throws Exception {
        try (CaptureHarness shop = twoSites("swapped")) {
            shop.run(
                    "BEGIN; SET CONSTRAINTS ALL DEFERRED; UPDATE project SET code = 'tmp' WHERE id = 1;"
                            + " UPDATE project SET code = 'one' WHERE id = 2; UPDATE project SET code = 'two' WHERE id = 1; COMMIT");
            shop.requireFoldEqualsOracle("the codes were swapped, what names them was not touched", TABLES);
            shop.run("BEGIN; SET CONSTRAINTS ALL DEFERRED; UPDATE project SET code = NULL WHERE id = 2;"
                    + " UPDATE project SET code = 'one' WHERE id = 3; COMMIT");
            shop.requireFoldEqualsOracle("a code went to another project", TABLES);
            shop.run("BEGIN; SET CONSTRAINTS ALL DEFERRED; UPDATE project SET code = 'new' WHERE id = 3;"
                    + " UPDATE release SET code = 'new', no = 5 WHERE code = 'one'; COMMIT");
            shop.requireFoldEqualsOracle("another code, and what names it follows", TABLES);
            shop.run("UPDATE site SET slug = 'slug-c' WHERE id = 'a'; UPDATE site SET slug = 'slug-a' WHERE id = 'b'");
            shop.requireFoldEqualsOracle("cascades", TABLES);
        }
    }

    @Test
    void aValueTheStreamDoesNotRepeatLeadsToTheRowsNewKey() throws Exception {
        try (CaptureHarness shop = twoSites("unrepeated")) {
            shop.run("ALTER TABLE project SET (toast_tuple_target = 128);"
                    + " ALTER TABLE project ALTER code SET STORAGE EXTERNAL;"
                    + " INSERT INTO project (id, site_id, code) SELECT 9, 'a', string_agg(md5(i::text), '')"
                    + " FROM generate_series(1, 60) i;"
                    + " INSERT INTO release SELECT 9, code, 1, 'r' FROM project WHERE id = 9;"
                    + " INSERT INTO asset SELECT 9, code, 1, 'a' FROM project WHERE id = 9");
            shop.requireFoldEqualsOracle("a long code", TABLES);
            shop.run("UPDATE project SET id = 99 WHERE id = 9");
            shop.requireFoldEqualsOracle("another key", TABLES);
            shop.run("INSERT INTO project (id, site_id) VALUES (9, 'b')");
            shop.run("UPDATE project SET site_id = 'b', name = 'moved' WHERE id = 99");
            shop.requireFoldEqualsOracle("moved under the new key", TABLES);
            shop.run("DELETE FROM project WHERE id = 99");
            shop.requireFoldEqualsOracle("deleted", TABLES);
        }
    }

    @Test
    void childrenMayComeBeforeParentsAndParentsGoBeforeChildren() throws Exception {
        try (CaptureHarness shop = twoSites("orders")) {
            shop.run("BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO asset VALUES (7, 'seven', 7, 'a');"
                    + " INSERT INTO attachment VALUES (7, 'Project', '7', 'f'); INSERT INTO release VALUES (7, 'seven', 7, 'r');"
                    + " INSERT INTO project (id, site_id, code) VALUES (7, 'b', 'seven'); COMMIT");
            shop.requireFoldEqualsOracle("children first", TABLES);
            shop.run(
                    "BEGIN; DELETE FROM project WHERE id IN (2, 7); DELETE FROM attachment WHERE owner_type = 'Project';"
                            + " COMMIT");
            shop.requireFoldEqualsOracle("parents first", TABLES);
            shop.run("DELETE FROM site; DELETE FROM attachment WHERE owner_type <> 'Nobody'; DELETE FROM t_a.page");
            shop.requireFoldEqualsOracle("everything", TABLES);
        }
    }

    @Test
    void parentsMayBeTruncatedWhileOthersMove() throws Exception {
        try (CaptureHarness shop = twoSites("truncated")) {
            shop.run(
                    "BEGIN; UPDATE site SET slug = 'slug-c' WHERE id = 'a'; UPDATE project SET site_id = 'b' WHERE id = 1;"
                            + " TRUNCATE project, attachment CASCADE; INSERT INTO project (id, site_id, code) VALUES (1, 'b', 'two');"
                            + " INSERT INTO release VALUES (8, 'two', 1, 'r'); COMMIT");
            shop.requireFoldEqualsOracle("truncated", TABLES);
        }
    }

    @Test
    void rowsLeftBehindStayAndGoWithWhatTheyNameOnceItIsBack() throws Exception {
        try (CaptureHarness shop = twoSites("behind")) {
            shop.run("DELETE FROM project WHERE id = 1");
            ArchiveReader reader = shop.quiesced();
            assertThat(shop.folded(reader, CaptureHarness.end(reader)).get("a attachment"))
                    .as("it stays with the tenant it had")
                    .containsExactly("1|Project|1|f", "3|Comment|10|f");
            shop.stop();
            RandomHistoryTest.deleteIndex(shop.settings.workDirectory());
            shop.start();
            shop.run("UPDATE attachment SET body = 'changed' WHERE id = 1; DELETE FROM attachment WHERE id = 3");
            reader = shop.quiesced();
            assertThat(shop.folded(reader, CaptureHarness.end(reader)).get("a attachment"))
                    .as("also when the index had to be rebuilt")
                    .containsExactly("1|Project|1|changed");
            shop.run("INSERT INTO project (id, site_id) VALUES (1, 'a')");
            shop.requireFoldEqualsOracle("what it names is back", TABLES);
            shop.run("UPDATE project SET site_id = 'b' WHERE id = 1");
            shop.requireFoldEqualsOracle("and takes it along", TABLES);
        }
    }

    @Test
    void aTenantsSchemaIsItsPartition() throws Exception {
        try (CaptureHarness shop = twoSites("schemas")) {
            shop.run("UPDATE t_a.page SET body = 'x'; DELETE FROM t_a.page WHERE id = 2; TRUNCATE t_a.line;"
                    + " UPDATE t_a.page SET id = 11; INSERT INTO t_b.page VALUES (5, 'q')");
            shop.requireFoldEqualsOracle("changes", TABLES);
            assertThat(operations(shop, "b", "page")).containsExactly(Operation.INSERT);
        }
    }
}
