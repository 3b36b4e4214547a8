package dev.reinstate.demo.saas;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the demo's schema must hold so that bringing sites back out of it means something. */
class SchemaTest {
    private static final String OURS = "n.nspname IN ('public', 'tracker', 'wiki', 'pager')";

    private final SeededDatabase seeded = SeededDatabase.shared();

    @Test
    void ownershipKnowsEveryTable() throws SQLException {
        List<String> tables = seeded.query("""
                SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND %s
                """.formatted(OURS));

        assertThat(tables).hasSizeGreaterThanOrEqualTo(25);
        assertThat(Ownership.everyTable()).containsExactlyInAnyOrderElementsOf(tables);
    }

    @Test
    void manyTablesBelongToASiteOnlyThroughForeignKeys() {
        assertThat(Ownership.TABLES.stream().filter(table -> !table.namesItsSite()))
                .hasSizeGreaterThanOrEqualTo(6);
        assertThat(Ownership.TABLES.stream().map(table -> table.from().split(" JOIN ").length - 1))
                .contains(0, 1, 2, 3);
    }

    @Test
    void theTablesThatNameNoSiteHaveNoColumnForIt() throws SQLException {
        List<String> naming = seeded.query("""
                SELECT n.nspname || '.' || c.relname FROM pg_constraint f
                JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE f.contype = 'f' AND f.confrelid = 'public.site'::regclass
                """);

        assertThat(Ownership.TABLES.stream()
                        .filter(Ownership.Table::namesItsSite)
                        .map(Ownership.Table::name)
                        .filter(name -> !name.equals("public.site")))
                .containsExactlyInAnyOrderElementsOf(naming);
    }

    @Test
    void hasSelfReferencesAndCirclesAndDeferrableKeys() throws SQLException {
        assertThat(seeded.query(
                        "SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'f' AND conrelid = confrelid"))
                .contains("tracker.comment", "wiki.page");
        assertThat(seeded.query("""
                SELECT DISTINCT a.conrelid::regclass FROM pg_constraint a
                JOIN pg_constraint b ON b.conrelid = a.confrelid AND b.confrelid = a.conrelid
                WHERE a.contype = 'f' AND b.contype = 'f' AND a.conrelid <> a.confrelid
                """)).contains("tracker.project", "tracker.board", "wiki.space", "wiki.page");
        assertThat(seeded.query("SELECT conrelid::regclass FROM pg_constraint WHERE contype = 'f' AND condeferrable"))
                .contains("tracker.project");
    }

    @Test
    void hasTheTypesThatAreHardToCarry() throws SQLException {
        List<String> types = seeded.query("""
                SELECT DISTINCT format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.attnum > 0 AND c.relkind = 'r' AND %s
                """.formatted(OURS));

        assertThat(types)
                .contains(
                        "json", "jsonb", "text[]", "numeric", "timestamp with time zone", "timestamp without time zone")
                .contains("date", "interval", "uuid", "bytea", "tstzrange", "inet", "tracker.issue_status");
        assertThat(seeded.query("SELECT attname FROM pg_attribute WHERE attidentity = 'a'"))
                .isNotEmpty();
        assertThat(seeded.query("SELECT attname FROM pg_attribute WHERE attgenerated = 's'"))
                .isNotEmpty();
    }

    @Test
    void everyForeignKeyHasAnIndexThatLeadsWithItsColumns() throws SQLException {
        assertThat(seeded.query("""
                SELECT f.conrelid::regclass || ' ' || f.conname FROM pg_constraint f
                WHERE f.contype = 'f' AND NOT EXISTS (
                  SELECT 1 FROM pg_index i WHERE i.indrelid = f.conrelid
                  AND (i.indkey::int2[])[0:cardinality(f.conkey) - 1] = f.conkey)
                """)).isEmpty();
    }

    @Test
    void pagesAreStoredOutOfLine() throws SQLException {
        assertThat(seeded.query(
                        "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'wiki.page'::regclass"))
                .allSatisfy(size -> assertThat(Long.parseLong(size)).isGreaterThan(100_000));
        assertThat(
                        seeded.query(
                                "SELECT count(*) FROM wiki.page WHERE pg_column_size(body) > 8192 AND pg_column_compression(body) IS NULL"))
                .allSatisfy(count -> assertThat(Long.parseLong(count)).isGreaterThan(5));
    }
}
