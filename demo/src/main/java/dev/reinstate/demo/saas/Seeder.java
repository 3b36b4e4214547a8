package dev.reinstate.demo.saas;

import dev.reinstate.demo.terminal.ProgressBar;
import dev.reinstate.demo.terminal.Terminal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * Fills the schema: sizes after a power law, every row the child of numbers (seed, sites, scale), so that the same
 * numbers make the same rows. Foreign keys are not checked while it runs; a test checks them afterwards.
 */
public final class Seeder {
    private static final int UNITS_PER_SITE = 15;
    private static final long UNITS_PER_CHUNK = 400;

    private final DataSource database;
    private final Terminal terminal;

    public Seeder(DataSource database, Terminal terminal) {
        this.database = database;
        this.terminal = terminal;
    }

    /** Creates the tables; reference data included. */
    public void createSchema() throws SQLException {
        try (Connection connection = database.getConnection()) {
            SqlScript.read("schema.sql").run(connection);
        }
    }

    /**
     * Writes all sites.
     *
     * @return rows written
     */
    public long seed(int sites, double scale, long seed) throws SQLException {
        long units = Math.max(sites, Math.round(sites * UNITS_PER_SITE * scale));
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("SET synchronous_commit = off");
            statement.execute("SELECT setseed(" + new java.util.SplittableRandom(seed).nextDouble() + ")");
            SqlScript.read("seed-plan.sql")
                    .with(Map.of("sites", (long) sites, "units", units, "seed", seed))
                    .run(connection);
            List<long[]> chunks = chunks(statement);
            long rows = 0;
            try (ProgressBar bar = terminal.progress("writing sites", "sites", sites)) {
                for (long[] chunk : chunks) {
                    rows += writeChunk(connection, chunk[0], chunk[1]);
                    bar.update(chunk[1]);
                }
            }
            connection.setAutoCommit(true);
            index(connection);
            moveSequences(statement);
            statement.execute("ANALYZE");
            return rows;
        }
    }

    private void index(Connection connection) throws SQLException {
        List<String> statements = SqlScript.read("indexes.sql").statements();
        int done = 0;
        try (ProgressBar bar = terminal.progress("making indexes", "indexes", statements.size())) {
            for (String sql : statements) {
                new SqlScript(List.of(sql)).run(connection);
                bar.update(++done);
            }
        }
    }

    private static long writeChunk(Connection connection, long first, long last) throws SQLException {
        connection.setAutoCommit(false);
        long rows = SqlScript.read("seed.sql")
                .with(Map.of("first", first, "last", last))
                .run(connection);
        connection.commit();
        return rows;
    }

    /** Ranges of sites of about the same number of rows. */
    private static List<long[]> chunks(Statement statement) throws SQLException {
        List<long[]> chunks = new ArrayList<>();
        String sql = """
                SELECT min(n), max(n) FROM (SELECT n, unit0 / %d AS chunk FROM seed_plan) s
                GROUP BY chunk ORDER BY 1
                """.formatted(UNITS_PER_CHUNK);
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                chunks.add(new long[] {row.getLong(1), row.getLong(2)});
            }
        }
        return chunks;
    }

    /** Ids were given by hand: new rows must get later ones. */
    private static void moveSequences(Statement statement) throws SQLException {
        statement.execute("""
                DO $$
                DECLARE identity record;
                BEGIN
                  FOR identity IN
                    SELECT table_schema, table_name, column_name FROM information_schema.columns
                    WHERE is_identity = 'YES' AND table_schema IN ('public', 'tracker', 'wiki', 'pager')
                  LOOP
                    EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), max(%I)) FROM %I.%I',
                      identity.table_schema || '.' || identity.table_name, identity.column_name, identity.column_name,
                      identity.table_schema, identity.table_name);
                  END LOOP;
                END $$
                """);
    }
}
