package dev.reinstate.e2e;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The values of {@code values.txt} as tables of a database: one with a column a type, whose rows belong to several
 * tenants and come into the archive in several ways, and for every type that can be a key, a table with that key and one
 * that refers to it. Tables and columns are named after the types.
 */
final class ValueMatrix {
    /** How a row's values come into the archive. */
    enum Way {
        IMAGE(0),
        INSERTED(100),
        /** Inserted before the image, then updated with these values left alone. */
        TOUCHED(200),
        /** Inserted with other values, which an update in the stream changes into these. */
        CHANGED(300);

        private final int offset;

        Way(int offset) {
            this.offset = offset;
        }
    }

    /** Whose rows are there; each is damaged in another way. */
    static final List<String> TENANTS = List.of("deleted", "nulled", "mixed", "grown", "bystander");

    /** Whose the rows of tables are whose keys are of awkward types. */
    static final String KEYS = "keys";

    private static final TableName WIDE = new TableName("matrix", "v");
    private static final Pattern LINE = Pattern.compile("(?:\\[(?:(\\d+)\\+|(no key))] )?(.+?) \\| (.*)");

    private record Value(String expression, boolean fitForKey) {}

    private final SortedMap<String, List<Value>> types = new TreeMap<>();
    private final List<String> keyTypes = new ArrayList<>();
    private final StoreUnderTest source;

    private ValueMatrix(StoreUnderTest source, int major) {
        this.source = source;
        for (String line : StoreUnderTest.resource("values.txt").lines().toList()) {
            Matcher parts = LINE.matcher(line);
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (!parts.matches()) {
                throw new IllegalStateException("not a line of values.txt: " + line);
            }
            if (parts.group(1) == null || Integer.parseInt(parts.group(1)) <= major) {
                types.computeIfAbsent(parts.group(3), type -> new ArrayList<>())
                        .add(new Value(parts.group(4), parts.group(2) == null));
            }
        }
    }

    /** Makes the tables in that database. */
    static ValueMatrix create(StoreUnderTest source) {
        execute(source, StoreUnderTest.resource("values.sql"));
        ValueMatrix matrix = new ValueMatrix(source, source.majorVersion());
        execute(source, matrix.wideTable());
        execute(source, WidestTable.create());
        for (String type : matrix.types.keySet()) {
            if (matrix.canBeKey(type)) {
                matrix.keyTypes.add(type);
                execute(source, keyTables(type));
            }
        }
        return matrix;
    }

    /** The same tables, empty, in another database. */
    void createIn(StoreUnderTest other) {
        execute(other, StoreUnderTest.resource("values.sql"));
        execute(other, wideTable());
        execute(other, WidestTable.create());
        keyTypes.forEach(type -> execute(other, keyTables(type)));
    }

    /** Whether the server can compare keys of it and follow references to them. */
    private boolean canBeKey(String type) {
        if (types.getOrDefault(type, List.of()).stream().noneMatch(Value::fitForKey)) {
            return false;
        }
        try {
            String value = value(type, types.getOrDefault(type, List.of()), 0);
            run(
                    source,
                    "CREATE TEMPORARY TABLE probe (v " + type + " PRIMARY KEY);"
                            + ("INSERT INTO probe VALUES (" + value + ") ON CONFLICT DO NOTHING;").repeat(2)
                            + "CREATE TEMPORARY TABLE referring (v " + type + " REFERENCES probe);"
                            + "INSERT INTO referring VALUES (" + value + ")");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** As this file's literals are meant, whatever the server's taste. */
    private static void run(StoreUnderTest store, String sql) throws SQLException {
        try (Connection connection = store.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("RESET ALL; SET standard_conforming_strings = on");
            statement.execute("SET default_transaction_isolation = 'read committed'; SET xmloption = content;"
                    + " SET IntervalStyle = postgres; SET DateStyle = 'ISO, YMD'; SET search_path = public; SET array_nulls = on;"
                    + " SET TimeZone = 'UTC'; SET timezone_abbreviations = 'Default'");
            statement.execute(sql);
        }
    }

    private static void execute(StoreUnderTest store, String sql) {
        try {
            run(store, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private String wideTable() {
        return types.keySet().stream()
                .map(type -> ", " + quoted(type) + " " + type)
                .collect(Collectors.joining(
                        "",
                        "CREATE TABLE matrix.v (id int PRIMARY KEY, tenant text NOT NULL, touched int",
                        "); CREATE INDEX ON matrix.v (tenant);"));
    }

    private static String keyTables(String type) {
        return """
                CREATE TABLE %1$s (v %3$s PRIMARY KEY, tenant text NOT NULL, note text);
                CREATE INDEX ON %1$s (tenant);
                CREATE TABLE %2$s (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    parent %3$s NOT NULL REFERENCES %1$s ON DELETE CASCADE, note text);
                CREATE INDEX ON %2$s (parent);
                """.formatted(keyed(type), child(type), type);
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static String keyed(String type) {
        return Sql.table(keyedName(type));
    }

    private static TableName keyedName(String type) {
        return new TableName("matrix", "key " + type);
    }

    private static String child(String type) {
        return Sql.table(childName(type));
    }

    private static TableName childName(String type) {
        return new TableName("matrix", "of " + type);
    }

    /** The types that are tried as keys. */
    List<String> keyTypes() {
        return keyTypes;
    }

    int valueCount() {
        return types.values().stream().mapToInt(List::size).sum();
    }

    /** Every table and whose its rows are, as an expression over {@code row}. */
    Map<TableName, String> owners() {
        Map<TableName, String> owners = new LinkedHashMap<>();
        owners.put(WIDE, "row.tenant");
        owners.put(WidestTable.NAME, "row.tenant");
        for (String type : keyTypes) {
            owners.put(keyedName(type), "row.tenant");
            owners.put(childName(type), "(SELECT k.tenant FROM " + keyed(type) + " k WHERE k.v = row.parent)");
        }
        return owners;
    }

    TenancyMap map() {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        TableName tenants = new TableName("matrix", "tenants");
        rules.put(tenants, new TableRule.TenantTable("id"));
        rules.put(WIDE, new TableRule.ByColumn("tenant"));
        rules.put(WidestTable.NAME, new TableRule.ByColumn("tenant"));
        for (String type : keyTypes) {
            rules.put(keyedName(type), new TableRule.ByColumn("tenant"));
            rules.put(childName(type), new TableRule.ByPath(List.of("parent"), keyedName(type)));
        }
        return new TenancyMap(tenants, rules);
    }

    private int rows() {
        return types.values().stream().mapToInt(List::size).max().orElseThrow();
    }

    /** Rows to be there before the image. */
    void fillBeforeTheImage() {
        execute(source, insert(Way.IMAGE, 0) + insert(Way.TOUCHED, 0) + insert(Way.CHANGED, 1));
        execute(source, WidestTable.fill(TENANTS, 1) + WidestTable.fill(TENANTS, 2));
        keyTypes.forEach(type -> execute(source, insertKeys(type, 0)));
    }

    /** Everything that the stream is to carry. */
    void changeInTheStream() {
        execute(source, insert(Way.INSERTED, 0));
        execute(source, WidestTable.fill(TENANTS, 3) + WidestTable.change(2));
        execute(source, "UPDATE matrix.v SET touched = touched + 1 WHERE " + of(Way.TOUCHED));
        execute(
                source,
                "UPDATE matrix.v SET " + assignments() + " FROM matrix.v AS other WHERE v." + of(Way.CHANGED)
                        + " AND other.id = v.id - v.id / 100 % 10 * 100 + " + Way.INSERTED.offset);
        for (String type : keyTypes) {
            String keyed = keyed(type);
            execute(source, insertKeys(type, 1));
            execute(source, "UPDATE " + keyed + " SET note = note || ' touched'");
            execute(source, "INSERT INTO " + child(type) + " (parent, note) SELECT v, 'streamed' FROM " + keyed);
            execute(source, "UPDATE " + child(type) + " SET note = note || ' touched' WHERE id % 2 = 0");
            execute(
                    source,
                    "CREATE TEMPORARY TABLE back AS SELECT * FROM " + keyed + " WHERE note LIKE '%0 %';"
                            + "DELETE FROM " + keyed + " WHERE note LIKE '%0 %';"
                            + "INSERT INTO " + keyed + " SELECT * FROM back;"
                            + "INSERT INTO " + child(type) + " (parent, note) SELECT v, 'again' FROM back;");
        }
    }

    private static String of(Way way) {
        return "id % 1000 / 100 * 100 = " + way.offset;
    }

    private String assignments() {
        return types.keySet().stream()
                .map(type -> quoted(type) + " = other." + quoted(type))
                .collect(Collectors.joining(", "));
    }

    /** A row for every tenant and every value, {@code shift} values further on. */
    private String insert(Way way, int shift) {
        StringBuilder sql = new StringBuilder();
        for (int i = 0; i < rows(); i++) {
            int at = i + shift;
            String values = types.entrySet().stream()
                    .map(type -> ", " + value(type.getKey(), type.getValue(), at))
                    .collect(Collectors.joining());
            sql.append("INSERT INTO matrix.v SELECT n * 1000 + ")
                    .append(way.offset + i)
                    .append(", tenant, 0")
                    .append(values)
                    .append(" FROM unnest('{")
                    .append(String.join(",", TENANTS))
                    .append("}'::text[]) WITH ORDINALITY AS tenants (tenant, n);\n");
        }
        return sql.toString();
    }

    private static String value(String type, List<Value> values, int at) {
        return at < values.size() ? cast(values.get(at).expression(), type) : "NULL";
    }

    private static String cast(String expression, String type) {
        return "CAST((" + expression + ") AS " + type.replaceFirst(" COLLATE .*", "") + ")";
    }

    /** Every second value as a key; those that equal an earlier one cannot be. */
    private String insertKeys(String type, int from) {
        StringBuilder sql = new StringBuilder();
        List<Value> values = types.getOrDefault(type, List.of());
        for (int i = from; i < values.size(); i += 2) {
            if (values.get(i).fitForKey()) {
                sql.append("INSERT INTO ")
                        .append(keyed(type))
                        .append(" VALUES (")
                        .append(cast(values.get(i).expression(), type))
                        .append(", '" + KEYS + "', '")
                        .append(i)
                        .append("') ON CONFLICT DO NOTHING;\n");
            }
        }
        sql.append("INSERT INTO ")
                .append(child(type))
                .append(" (parent, note) SELECT v, 'first' FROM ")
                .append(keyed(type))
                .append(" k WHERE NOT EXISTS (SELECT FROM ")
                .append(child(type))
                .append(" WHERE parent = k.v);\n");
        return sql.toString();
    }

    /** Loses, spoils and adds rows, of every tenant but the bystander in another way. */
    void damage() {
        String nulls =
                types.keySet().stream().map(type -> quoted(type) + " = NULL").collect(Collectors.joining(", "));
        execute(source, "DELETE FROM matrix.v WHERE tenant = 'deleted'");
        execute(source, "UPDATE matrix.v SET " + nulls + " WHERE tenant = 'nulled'");
        execute(
                source,
                "UPDATE matrix.v SET " + assignments()
                        + " FROM matrix.v AS other WHERE v.tenant = 'mixed' AND other.tenant = 'bystander'"
                        + " AND other.id % 1000 = (v.id + 1) % 1000");
        execute(
                source,
                "DELETE FROM matrix.v WHERE tenant = 'grown' AND id % 3 = 0;"
                        + "CREATE TEMPORARY TABLE more AS SELECT * FROM matrix.v WHERE tenant = 'grown';"
                        + "UPDATE more SET id = id + 500000; INSERT INTO matrix.v SELECT * FROM more;");
        execute(source, WidestTable.damage());
        keyTypes.forEach(type -> execute(
                source,
                "UPDATE " + keyed(type) + " SET note = 'spoilt';" + "DELETE FROM " + child(type)
                        + " WHERE id % 2 = 1"));
    }
}
