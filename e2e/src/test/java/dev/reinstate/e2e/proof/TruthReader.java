package dev.reinstate.e2e.proof;

import dev.reinstate.model.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.postgresql.PGConnection;

/**
 * The oracle: reads whose every row is with plain SQL, made of what the generator knows of its schema. Shares no code
 * with Reinstate but the types of a position and a table's name.
 */
final class TruthReader {
    private final Connection connection;
    private final ProofSchema schema;

    TruthReader(Connection connection, ProofSchema schema) throws SQLException {
        this.connection = connection;
        this.schema = schema;
        Sql.run(connection, """
                SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres';
                SET extra_float_digits = 3; SET bytea_output = 'hex'; SET search_path = ''; SET lock_timeout = '2s'""");
    }

    /** A look at the database. Nobody commits between {@link #open} and its return; then all may go on. */
    final class Look {
        private final Lsn position;

        private Look(Lsn position) {
            this.position = position;
        }

        Truth read() throws SQLException {
            Truth truth = new Truth(position, new HashMap<>(), new TreeMap<>(), new HashSet<>());
            try {
                for (ProofTable table : schema.tables()) {
                    for (Map.Entry<Integer, String> leaf : leaves(table).entrySet()) {
                        readTable(table, leaf.getKey(), leaf.getValue(), truth);
                    }
                }
            } finally {
                Sql.run(connection, "ROLLBACK");
            }
            truth.rows().values().forEach(tables -> tables.values().forEach(rows -> rows.sort(null)));
            return truth;
        }
    }

    Look open() throws SQLException {
        Sql.run(connection, "SELECT pg_logical_emit_message(true, 'proof', 'look')");
        // the next commit begins there at the earliest: what is before it is what is there now
        Lsn position = Lsn.parse(query("SELECT pg_current_wal_insert_lsn()")).previous();
        Sql.run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        query("SELECT pg_current_snapshot()");
        return new Look(position);
    }

    /** The tables that hold its rows: itself, or the partitions there are. */
    private SortedMap<Integer, String> leaves(ProofTable table) throws SQLException {
        SortedMap<Integer, String> leaves = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        WITH RECURSIVE part AS (
                            SELECT oid, relkind FROM pg_catalog.pg_class WHERE oid = to_regclass(%s)
                            UNION ALL
                            SELECT c.oid, c.relkind FROM part
                            JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid AND part.relkind = 'p'
                            JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid)
                        SELECT oid::bigint, oid::regclass::text FROM part WHERE relkind = 'r'
                        """.formatted(Kind.quoted(table.sql())))) {
            while (rows.next()) {
                leaves.put((int) rows.getLong(1), rows.getString(2));
            }
        }
        return leaves;
    }

    private void readTable(ProofTable table, int oid, String leaf, Truth truth) throws SQLException {
        SortedMap<Integer, Truth.Column> columns = columns(oid);
        truth.tables().put(oid, new Truth.Shape(leaf, table, columns));
        StringBuilder select = new StringBuilder("SELECT ").append(table.ownerSql("t"));
        select.append(", ").append(table.ownerSql("t", false)).append(" IS NULL");
        columns.values().forEach(column -> select.append(", t.").append(ProofTable.quote(column.name())));
        select.append(" FROM ONLY ").append(leaf).append(" t");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY (" + select + ") TO STDOUT (ENCODING 'UTF8')", text);
        } catch (IOException e) {
            throw new SQLException(e);
        }
        for (String line : text.toString(StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
                int tab = line.indexOf('\t');
                String owner = line.substring(0, tab);
                String row = line.substring(tab + 3);
                if (line.charAt(tab + 1) == 't') {
                    truth.loose().add(new Truth.Row(oid, row));
                }
                truth.rows()
                        .computeIfAbsent(owner.equals("\\N") ? Truth.NOBODY : owner, o -> new TreeMap<>())
                        .computeIfAbsent(oid, o -> new ArrayList<>())
                        .add(row);
            }
        }
    }

    /** What is stored; generated columns are not. */
    private SortedMap<Integer, Truth.Column> columns(int oid) throws SQLException {
        SortedMap<Integer, Truth.Column> columns = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        SELECT attnum, attname, atttypid::bigint FROM pg_catalog.pg_attribute
                        WHERE attrelid = %d::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                        """.formatted(Integer.toUnsignedLong(oid)))) {
            while (rows.next()) {
                columns.put(rows.getInt(1), new Truth.Column(rows.getString(2), rows.getLong(3)));
            }
        }
        return columns;
    }

    String query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
