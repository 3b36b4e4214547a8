package dev.reinstate.e2e;

import dev.reinstate.model.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.postgresql.PGConnection;

/**
 * Knows, by plain SQL alone, whose every row of the nasty schema is. Shares no code with Reinstate but the type of a
 * position.
 */
final class Oracle {
    /** Whose rows each table's are; {@code row} is the table, what is not a tenant's is NULL. */
    static final SortedMap<String, String> OWNERS = owners();

    private static final String PAGE_OF = "(SELECT site_id FROM public.page p WHERE p.id = ";

    private Oracle() {}

    /**
     * Every row of every table at one position.
     *
     * @param rows by owner ("" for rows that are nobody's) and table, sorted
     * @param loose attachments without a page: whose they are depends on what the image could still see
     */
    record Snapshot(
            Lsn position,
            Instant time,
            SortedMap<String, SortedMap<String, List<String>>> rows,
            SortedMap<String, Loose> loose) {

        SortedMap<String, List<String>> of(String owner) {
            return rows.getOrDefault(owner, new TreeMap<>());
        }

        /** The same and, as a table of their own, attachments that were the owner's when they lost their page. */
        SortedMap<String, List<String>> withLoose(String owner) {
            SortedMap<String, List<String>> all = new TreeMap<>(of(owner));
            all.put(
                    "loose",
                    loose.entrySet().stream()
                            .filter(entry -> entry.getValue()
                                    .owner()
                                    .filter(owner::equals)
                                    .isPresent())
                            .map(entry -> entry.getKey())
                            .toList());
            return all;
        }

        TreeSet<String> tenants() {
            TreeSet<String> tenants = new TreeSet<>(rows.keySet());
            tenants.remove("");
            return tenants;
        }

        long rowCount() {
            return rows.values().stream()
                    .flatMap(tables -> tables.values().stream())
                    .mapToLong(List::size)
                    .sum();
        }
    }

    /** Who owned an attachment when it lost its page, and where in the log that was; neither if it never had one. */
    record Loose(Optional<String> owner, Optional<Lsn> since) {}

    private static SortedMap<String, String> owners() {
        SortedMap<String, String> owners = new TreeMap<>();
        owners.put("public.site", "row.id");
        owners.put("public.member", "row.site_id");
        owners.put("public.page", "row.site_id");
        owners.put("public.page_version", pageOf("row.page_id"));
        owners.put("public.comment", pageOf("row.page_id"));
        owners.put("public.reaction", pageOf("(SELECT c.page_id FROM public.comment c WHERE c.id = row.comment_id)"));
        owners.put("public.attachment", pageOf("row.page_id"));
        owners.put("desk.ticket", "row.site_id");
        owners.put("public.\"User Setting\"", "row.site_id");
        owners.put("public.audit_log", "row.site_id");
        owners.put("public.plan", "NULL");
        owners.put("public.country", "NULL");
        return owners;
    }

    private static String pageOf(String page) {
        return PAGE_OF + page + ")";
    }

    /** To be called while nobody writes. */
    static Snapshot snapshot(StoreUnderTest store) {
        try (Connection connection = store.connect()) {
            pin(connection);
            Lsn position = position(connection);
            connection.setAutoCommit(false);
            Snapshot snapshot = new Snapshot(position, Instant.now(), new TreeMap<>(), new TreeMap<>());
            for (String table : OWNERS.keySet()) {
                read(connection, table, snapshot);
            }
            connection.commit();
            return snapshot;
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Behind everything committed so far and before whatever comes. */
    static Lsn position(StoreUnderTest store) {
        try (Connection connection = store.connect()) {
            return position(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Lsn position(Connection connection) throws SQLException {
        query(connection, "SELECT pg_logical_emit_message(true, 'e2e', 'oracle')");
        // the next commit begins there at the earliest: what is before it is what is there now
        return Lsn.parse(query(connection, "SELECT pg_current_wal_insert_lsn()"))
                .previous();
    }

    /** As PostgreSQL writes it when nothing of the server's taste is left. */
    private static void pin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("""
                    SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres';
                    SET extra_float_digits = 3; SET bytea_output = 'hex'; SET search_path = ''""");
        }
    }

    private static void read(Connection connection, String table, Snapshot snapshot) throws SQLException, IOException {
        List<String> columns = columns(connection, table);
        StringBuilder select = new StringBuilder("SELECT ").append(OWNERS.get(table));
        columns.forEach(column -> select.append(", row.\"").append(column).append('"'));
        select.append(" FROM ").append(table).append(" row");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY (" + select + ") TO STDOUT (ENCODING 'UTF8')", text);
        for (String line : text.toString(StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
                add(table, columns, line.split("\t", -1), snapshot);
            }
        }
        snapshot.rows().values().forEach(tables -> tables.values().forEach(rows -> rows.sort(null)));
    }

    private static void add(String table, List<String> columns, String[] fields, Snapshot snapshot) {
        RowText row = new RowText();
        for (int i = 0; i < columns.size(); i++) {
            row.addCopied(columns.get(i), fields[i + 1]);
        }
        String owner = fields[0].equals("\\N") ? "" : fields[0];
        if (owner.isEmpty() && table.equals("public.attachment")) {
            snapshot.loose()
                    .put(
                            row.toString(),
                            new Loose(
                                    field(columns, fields, "last_owner"),
                                    field(columns, fields, "loosened_at").map(Lsn::parse)));
        } else {
            snapshot.rows()
                    .computeIfAbsent(owner, key -> new TreeMap<>())
                    .computeIfAbsent(table, key -> new ArrayList<>())
                    .add(row.toString());
        }
    }

    private static Optional<String> field(List<String> columns, String[] fields, String column) {
        return Optional.of(fields[columns.indexOf(column) + 1]).filter(text -> !text.equals("\\N"));
    }

    /** What is stored; generated columns are not. */
    private static List<String> columns(Connection connection, String table) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT attname FROM pg_catalog.pg_attribute
                        WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                        ORDER BY attnum""".formatted(table))) {
            while (rows.next()) {
                columns.add(rows.getString(1));
            }
        }
        return columns;
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
