package dev.reinstate.demo.oracle;

import dev.reinstate.demo.saas.Ownership;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;

/**
 * Records every row of a site with plain SQL, and compares later: key, MD5 of the whole row's text, and its length.
 * Costs memory in proportion to one table of one site. Thread-safe for different sites.
 */
public final class Oracle {
    private final DataSource database;
    private final Path directory;
    private final Map<String, String> queries;

    /** One site as it was recorded. */
    public record Recorded(String site, long rows, long sizeBytes) {}

    private record Row(String digest, long sizeBytes) {}

    /**
     * Prepares to read.
     *
     * @param database gives connections with pinned text forms
     * @param directory takes the recorded rows
     */
    public Oracle(DataSource database, Path directory) throws SQLException {
        this.database = database;
        this.directory = directory;
        this.queries = new HashMap<>();
        try (Connection connection = database.getConnection()) {
            for (Ownership.Table table : Ownership.TABLES) {
                queries.put(table.name(), query(table, keyColumns(connection, table)));
            }
        }
    }

    private static String query(Ownership.Table table, String keyColumns) {
        return """
                SELECT ROW(%s)::text, md5(t::text), octet_length(t::text) FROM %s WHERE %s = '%%s'
                """.formatted(keyColumns, table.from(), table.site());
    }

    private static String keyColumns(Connection connection, Ownership.Table table) throws SQLException {
        String sql = """
                SELECT string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY k.position)
                FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY k (attnum, position), pg_attribute a
                WHERE c.conrelid = '%s'::regclass AND c.contype = 'p' AND a.attrelid = c.conrelid AND a.attnum = k.attnum
                """.formatted(table.name());
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Reads the site's rows as they are now; a record made before is replaced. */
    public Recorded record(String site) throws SQLException, IOException {
        Files.createDirectories(directory.resolve(site));
        long rows = 0;
        long sizeBytes = 0;
        try (Connection connection = snapshot()) {
            for (Ownership.Table table : Ownership.TABLES) {
                Path file = file(site, table);
                try (InputStream now = copy(connection, site, table)) {
                    Files.copy(now, file, StandardCopyOption.REPLACE_EXISTING);
                }
                for (Row row : read(Files.newInputStream(file)).values()) {
                    rows++;
                    sizeBytes += row.sizeBytes;
                }
            }
        }
        return new Recorded(site, rows, sizeBytes);
    }

    /** Tables in which the site's rows are not, one for one, what was recorded; empty when all are. */
    public List<Difference> compare(String site) throws SQLException, IOException {
        return compare(site, Ownership.TABLES);
    }

    List<Difference> compare(String site, List<Ownership.Table> tables) throws SQLException, IOException {
        List<Difference> differences = new ArrayList<>();
        try (Connection connection = snapshot()) {
            for (Ownership.Table table : tables) {
                Difference difference = difference(
                        site,
                        table.name(),
                        read(Files.newInputStream(file(site, table))),
                        read(copy(connection, site, table)));
                if (!difference.isNone()) {
                    differences.add(difference);
                }
            }
        }
        return differences;
    }

    private static Difference difference(String site, String table, Map<String, Row> then, Map<String, Row> now) {
        List<String> missing = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        then.forEach((key, row) -> {
            Row found = now.get(key);
            if (found == null) {
                missing.add(key);
            } else if (!found.equals(row)) {
                changed.add(key);
            }
        });
        List<String> surplus =
                now.keySet().stream().filter(key -> !then.containsKey(key)).toList();
        return new Difference(site, table, missing, changed, surplus);
    }

    /** All tables are read as of one instant. */
    private Connection snapshot() throws SQLException {
        Connection connection = database.getConnection();
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        return connection;
    }

    private InputStream copy(Connection connection, String site, Ownership.Table table) throws SQLException {
        String query = queries.getOrDefault(table.name(), "").formatted(site.replace("'", "''"));
        return new PGCopyInputStream(connection.unwrap(PGConnection.class), "COPY (" + query + ") TO STDOUT");
    }

    private Path file(String site, Ownership.Table table) {
        return directory.resolve(site).resolve(table.name());
    }

    private static Map<String, Row> read(InputStream lines) throws IOException {
        Map<String, Row> rows = new HashMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(lines, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] fields = line.split("\t", -1);
                rows.put(fields[0], new Row(fields[1], Long.parseLong(fields[2])));
            }
        }
        return rows;
    }
}
