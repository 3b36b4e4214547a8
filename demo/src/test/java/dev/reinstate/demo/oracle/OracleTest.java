package dev.reinstate.demo.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.demo.saas.Ownership;
import dev.reinstate.demo.saas.SeededDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle is what everything is believed by, so it must see one wrong row in any table. */
class OracleTest {
    private static final String SITE = "site-1007";

    private static final SeededDatabase SEEDED = SeededDatabase.shared();

    @TempDir
    private static Path directory;

    private static Oracle oracle;
    private static Oracle.Recorded recorded;

    @BeforeAll
    static void recordSite() throws SQLException, IOException {
        oracle = new Oracle(SEEDED.database(), directory);
        recorded = oracle.record(SITE);
    }

    static List<Ownership.Table> tables() {
        return Ownership.TABLES;
    }

    @Test
    void recordsEveryRowOfTheSite() throws SQLException, IOException {
        long counted = new Census(SEEDED.database()).rows().of(SITE);
        assertThat(recorded.rows()).isEqualTo(counted).isGreaterThan(100);
        assertThat(recorded.sizeBytes()).isGreaterThan(recorded.rows() * 10);
        assertThat(oracle.compare(SITE)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void noticesOneMissingRow(Ownership.Table table) throws Exception {
        meanwhile(table, "DELETE FROM %s WHERE ctid = %s", difference -> {
            assertThat(difference.missing()).hasSize(1);
            assertThat(difference.changed()).isEmpty();
            assertThat(difference.surplus()).isEmpty();
        });
    }

    @ParameterizedTest
    @MethodSource("tables")
    void noticesOneChangedRow(Ownership.Table table) throws Exception {
        String column = SEEDED.query("""
                SELECT quote_ident(a.attname) FROM pg_attribute a
                WHERE a.attrelid = '%s'::regclass AND a.attnum > 0 AND a.attgenerated = '' AND NOT EXISTS (
                  SELECT 1 FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype IN ('p', 'u', 'f') AND a.attnum = ANY (c.conkey))
                UNION ALL SELECT '' LIMIT 1
                """.formatted(table.name())).getFirst();
        if (column.isEmpty()) {
            // Nothing but keys: a changed row is a missing and a surplus one.
            return;
        }
        String other = "(SELECT %s FROM %s WHERE ctid <> %%2$s AND %s::text IS DISTINCT FROM "
                        .formatted(column, table.name(), column)
                + "(SELECT %s::text FROM %s WHERE ctid = %%2$s) LIMIT 1)".formatted(column, table.name());
        meanwhile(table, "UPDATE %1$s SET " + column + " = " + other + " WHERE ctid = %2$s", difference -> {
            assertThat(difference.changed()).hasSize(1);
            assertThat(difference.missing()).isEmpty();
            assertThat(difference.surplus()).isEmpty();
        });
    }

    @ParameterizedTest
    @MethodSource("tables")
    void noticesOneSurplusRow(Ownership.Table table) throws Exception {
        Path file = directory.resolve(SITE).resolve(table.name());
        List<String> lines = Files.readAllLines(file);
        Files.write(file, lines.subList(1, lines.size()));
        try {
            assertThat(oracle.compare(SITE, List.of(table))).singleElement().satisfies(difference -> {
                assertThat(difference.table()).isEqualTo(table.name());
                assertThat(difference.surplus()).hasSize(1);
                assertThat(difference.missing()).isEmpty();
                assertThat(difference.changed()).isEmpty();
            });
        } finally {
            Files.write(file, lines);
        }
    }

    /** Breaks one row, looks, and puts everything back. */
    private void meanwhile(Ownership.Table table, String breaking, Consumer<Difference> expected) throws Exception {
        String row = ctid(table);
        SEEDED.execute("CREATE TABLE public.taken AS SELECT * FROM %s WHERE ctid = %s".formatted(table.name(), row));
        try {
            replicaRole(breaking.formatted(table.name(), row));
            assertThat(oracle.compare(SITE, List.of(table))).singleElement().satisfies(expected);
        } finally {
            putBack(table);
        }
    }

    private void putBack(Ownership.Table table) throws SQLException {
        String columns = SEEDED.query("""
                SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = '%s'::regclass AND attnum > 0 AND attgenerated = ''
                """.formatted(table.name())).getFirst();
        String key = SEEDED.query("""
                SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_constraint c JOIN pg_attribute a
                ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
                WHERE c.conrelid = '%s'::regclass AND c.contype = 'p'
                """.formatted(table.name())).getFirst();
        replicaRole("DELETE FROM %s WHERE (%s) IN (SELECT %s FROM public.taken)".formatted(table.name(), key, key));
        replicaRole("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM public.taken"
                .formatted(table.name(), columns, columns));
        SEEDED.execute("DROP TABLE public.taken");
    }

    private void replicaRole(String sql) throws SQLException {
        SEEDED.execute("SET session_replication_role = replica; " + sql);
    }

    private String ctid(Ownership.Table table) throws SQLException {
        return "'"
                + SEEDED.query("SELECT min(t.ctid) FROM %s WHERE %s = '%s'".formatted(table.from(), table.site(), SITE))
                        .getFirst()
                + "'::tid";
    }

    @Test
    void readsInterleavedWithOtherSitesDoNotShow() throws SQLException, IOException {
        SEEDED.execute("UPDATE public.site SET name = name || '!' WHERE id = 'site-1008'");

        assertThat(oracle.compare(SITE)).isEmpty();
    }
}
