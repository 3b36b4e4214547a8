package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Tables that come, go and change their names under rules for many: history goes on, and only what is new is read. */
class PatternTablesTest extends SilentShop {

    private CaptureHarness patterns(String name) {
        CaptureHarness shop = shop(name);
        TreeMap<TableName, TableRule> own = new TreeMap<>(shop.map.rules());
        List.of("public.note", "t_a.page", "t_b.page").forEach(table -> own.remove(TableName.parse(table)));
        shop.rules = new TenancyRules(
                shop.map.tenantTable(),
                shop.map.tenantSchemas(),
                List.of(
                        new PatternRule(new TablePattern("public.*"), new TableRule.ByColumn("site_id")),
                        new PatternRule(new TablePattern("public.*"), new TableRule.ByColumn("account_id"))),
                own);
        shop.run("CREATE TABLE page_view (id int PRIMARY KEY, account_id text);"
                + " INSERT INTO page_view VALUES (1, 'a'), (2, 'b'); INSERT INTO t_a.page VALUES (1, 'p');"
                + " INSERT INTO t_b.page VALUES (1, 'p')");
        shop.start();
        settled(shop);
        return shop;
    }

    /** What the archive has of a table equals what the database has, tenant by tenant. */
    private void requireRows(CaptureHarness shop, String table, String tenantColumn) throws Exception {
        ArchiveReader reader = shop.quiesced();
        requireRows(shop, reader, CaptureHarness.end(reader), table, tenantColumn);
    }

    private void requireRows(CaptureHarness shop, ArchiveReader reader, Lsn at, String table, String tenantColumn)
            throws Exception {
        long oid = shop.count("SELECT '" + table + "'::regclass::oid::bigint");
        for (String tenant : List.of("a", "b")) {
            List<String> archived = new ArrayList<>();
            try (ArchiveReader.RowStream rows = reader.fold(Partition.of(new TenantId(tenant)), at, any -> true)) {
                while (rows.hasNext()) {
                    FoldedRow row = rows.next();
                    if (Integer.toUnsignedLong(row.table().oid()) == oid) {
                        archived.add(row.tuple().text(0).orElseThrow());
                    }
                }
            }
            assertThat(archived)
                    .as(tenant + " " + table)
                    .containsExactlyInAnyOrderElementsOf(
                            ids(shop, table + " WHERE " + tenantColumn + " = '" + tenant + "'"));
        }
    }

    private static List<String> ids(CaptureHarness shop, String from) throws Exception {
        List<String> ids = new ArrayList<>();
        try (Statement statement = shop.sql.createStatement();
                ResultSet result = statement.executeQuery("SELECT id FROM " + from)) {
            while (result.next()) {
                ids.add(result.getString(1));
            }
        }
        return ids;
    }

    private void requireNoGap(CaptureHarness shop) {
        ArchiveReader reader = shop.quiesced();
        assertThat(ears.gaps).isEmpty();
        assertThat(reader.state().gaps()).isEmpty();
        assertThat(reader.state().images()).hasSize(1);
    }

    @Test
    void aTableUnderAnotherNameIsTheSame() throws Exception {
        try (CaptureHarness shop = patterns("renamed")) {
            ArchiveReader before = shop.quiesced();
            Lsn old = CaptureHarness.end(before);
            var then = shop.folded(before, old);
            shop.run("ALTER TABLE note RENAME TO remark");
            settled(shop);
            shop.run("UPDATE remark SET site_id = 'b' WHERE id = 2; DELETE FROM remark WHERE id = 4;"
                    + " INSERT INTO remark VALUES (100, 'a', 'new')");
            requireRows(shop, "remark", "site_id");
            shop.run("ALTER TABLE page_view RENAME TO note; ALTER TABLE remark RENAME TO page_view");
            settled(shop);
            shop.run("UPDATE page_view SET site_id = 'a' WHERE id = 2; UPDATE note SET account_id = 'b' WHERE id = 1");
            requireRows(shop, "page_view", "site_id");
            requireRows(shop, "note", "account_id");
            assertThat(shop.folded(shop.quiesced(), old)).isEqualTo(then);
            assertThat(ears.read).isEmpty();
            requireNoGap(shop);
        }
    }

    @Test
    void rowsBelowMoveUnderTheNameTheyHadAndTheNameTheyHave() throws Exception {
        try (CaptureHarness shop = patterns("below")) {
            shop.rules = new TenancyRules(
                    shop.rules().tenantTable(),
                    shop.rules().tenantSchemas(),
                    List.of(new PatternRule(
                            new TablePattern("public.*"),
                            new TableRule.ByPath(List.of("project_id"), TableName.parse("public.project")))),
                    shop.rules().tables());
            shop.stop();
            shop.run("CREATE TABLE task (id int PRIMARY KEY, project_id bigint);"
                    + " INSERT INTO task VALUES (1, 1), (2, 1), (3, 2), (4, 1)");
            shop.start();
            settled(shop);
            shop.run("ALTER TABLE task RENAME TO job; INSERT INTO job VALUES (5, 1)");
            settled(shop);
            shop.run("DELETE FROM job WHERE id = 4; UPDATE job SET project_id = 2 WHERE id = 2;"
                    + " UPDATE project SET site_id = 'b' WHERE id = 1");
            requireRows(shop, "job", "'b'");
            requireNoGap(shop);
        }
    }

    @Test
    void aNewTableIsReadAlsoUnderANameThatAnotherRuleHad() throws Exception {
        try (CaptureHarness shop = patterns("made")) {
            shop.run(
                    "CREATE TABLE invoice (id int PRIMARY KEY, site_id text); INSERT INTO invoice VALUES (1, 'a'), (2, 'b')");
            settled(shop);
            shop.run("UPDATE invoice SET site_id = 'b' WHERE id = 1");
            requireRows(shop, "invoice", "site_id");
            Lsn old = CaptureHarness.end(shop.quiesced());
            var then = shop.folded(shop.quiesced(), old);
            shop.run("DROP TABLE invoice; CREATE TABLE invoice (id int PRIMARY KEY, account_id text);"
                    + " INSERT INTO invoice VALUES (7, 'a'), (8, 'b')");
            settled(shop);
            shop.run("UPDATE invoice SET account_id = 'b' WHERE id = 7; INSERT INTO invoice VALUES (9, 'a')");
            requireRows(shop, "invoice", "account_id");
            assertThat(shop.folded(shop.quiesced(), old)).isEqualTo(then);
            requireNoGap(shop);
        }
    }

    @Test
    void aTableThatIsRenamedWhileItIsPublishedIsPublishedUnderItsNewName() throws Exception {
        try (CaptureHarness shop = patterns("meanwhile");
                Connection other = shop.database.connect()) {
            shop.stop();
            shop.run("CREATE TABLE late (id int PRIMARY KEY, site_id text); INSERT INTO late VALUES (1, 'a')");
            other.setAutoCommit(false);
            Query.execute(other, "Cannot rename", "ALTER TABLE public.late RENAME TO later");
            CaptureHarness.Running running = shop.start();
            CaptureHarness.awaitTrue(
                    "capture to wait for the table",
                    () -> running.end().isDone()
                            || shop.count("SELECT count(*) FROM pg_locks WHERE NOT granted AND database ="
                                            + " (SELECT oid FROM pg_database WHERE datname = current_database())")
                                    > 0);
            other.commit();
            settled(shop);
            requireRows(shop, "later", "site_id");
            requireNoGap(shop);
        }
    }

    @Test
    void aNewTenantsSchemaIsRead() throws Exception {
        try (CaptureHarness shop = patterns("schema")) {
            shop.run("CREATE SCHEMA t_c; CREATE TABLE t_c.page (id int PRIMARY KEY, body text);"
                    + " INSERT INTO t_c.page VALUES (1, 'p')");
            settled(shop);
            shop.run("INSERT INTO t_c.page VALUES (2, 'q')");
            ArchiveReader reader = shop.quiesced();
            assertThat(shop.folded(reader, CaptureHarness.end(reader)).get("c t_c.page"))
                    .containsExactly("1|p", "2|q");
            requireNoGap(shop);
        }
    }

    @Test
    void aTableThatWentToAnotherTenantsSchemaIsThatTenants() throws Exception {
        try (CaptureHarness shop = patterns("moved")) {
            shop.run("ALTER TABLE t_b.page RENAME TO leaf; ALTER INDEX t_b.page_pkey RENAME TO leaf_pkey;"
                    + " ALTER TABLE t_b.leaf SET SCHEMA t_a");
            settled(shop);
            shop.run("INSERT INTO t_a.leaf VALUES (2, 'q')");
            ArchiveReader reader = shop.quiesced();
            var rows = shop.folded(reader, CaptureHarness.end(reader));
            assertThat(rows.get("a t_a.leaf")).containsExactly("1|p", "2|q");
            assertThat(rows).doesNotContainKeys("b t_b.page", "b t_a.leaf", "a t_b.page");
            requireNoGap(shop);
        }
    }
}
