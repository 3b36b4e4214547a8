package dev.reinstate.e2e;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Sql;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.postgresql.PGConnection;

/** The rows of tables as {@code COPY} writes them, by owner and table: what plain SQL says. */
final class CopiedRows {
    /** Whose rows are nobody's. */
    static final String NOBODY = "";

    private CopiedRows() {}

    /** @param owners whose rows each table's are, as an expression over {@code row} */
    static SortedMap<String, SortedMap<TableName, List<String>>> read(
            StoreUnderTest store, Map<TableName, String> owners) {
        SortedMap<String, SortedMap<TableName, List<String>>> rows = new TreeMap<>();
        try (Connection connection = store.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres';
                    SET extra_float_digits = 3; SET bytea_output = 'hex'; SET search_path = 'public'; SET lc_monetary = 'C';
                    SET quote_all_identifiers = off; SET default_transaction_isolation = 'read committed'""");
            for (Map.Entry<TableName, String> table : owners.entrySet()) {
                read(connection, table.getKey(), table.getValue(), rows);
            }
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
        rows.values().forEach(tables -> tables.values().forEach(list -> list.sort(null)));
        return rows;
    }

    private static void read(
            Connection connection,
            TableName table,
            String owner,
            SortedMap<String, SortedMap<TableName, List<String>>> into)
            throws SQLException, IOException {
        List<String> columns = columns(connection, table);
        StringBuilder select = new StringBuilder("SELECT ").append(owner);
        columns.forEach(column -> select.append(", row.").append(Sql.identifier(column)));
        select.append(" FROM ").append(Sql.table(table)).append(" row");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (" + select + ") TO STDOUT (ENCODING 'UTF8')", text);
        for (String line : text.toString(StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
                String[] fields = line.split("\t", -1);
                RowText row = new RowText();
                for (int i = 0; i < columns.size(); i++) {
                    row.addCopied(columns.get(i), fields[i + 1]);
                }
                into.computeIfAbsent(fields[0].equals("\\N") ? NOBODY : fields[0], key -> new TreeMap<>())
                        .computeIfAbsent(table, key -> new ArrayList<>())
                        .add(row.toString());
            }
        }
    }

    /** What is stored; generated columns are not. */
    private static List<String> columns(Connection connection, TableName table) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("""
                        SELECT attname FROM pg_catalog.pg_attribute
                        WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                        ORDER BY attnum""".formatted(Sql.table(table).replace("'", "''")))) {
            while (rows.next()) {
                columns.add(rows.getString(1));
            }
        }
        return columns;
    }
}
