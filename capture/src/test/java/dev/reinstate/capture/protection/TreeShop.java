package dev.reinstate.capture.protection;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Remarks on issues, and on remarks: random changes, and the plain SQL that says whose each is or was last. */
final class TreeShop {
    private static final String DDL = """
            CREATE TABLE site (id text PRIMARY KEY);
            CREATE TABLE issue (id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site ON DELETE CASCADE);
            CREATE TABLE remark (id bigint PRIMARY KEY, on_type text, on_id text, body text) REMARKS;
            CREATE TABLE heart (
                id bigint PRIMARY KEY, remark_id bigint NOT NULL REFERENCES remark ON DELETE CASCADE ON UPDATE CASCADE);
            CREATE TABLE marker (id integer PRIMARY KEY, n bigint);
            INSERT INTO marker VALUES (1, 0);
            CREATE SCHEMA seen;
            CREATE TABLE seen.owner (id bigint PRIMARY KEY, tenant text);
            INSERT INTO site VALUES ('a'), ('b'), ('c');
            INSERT INTO issue VALUES (1, 'a'), (2, 'b'), (3, 'c');
            """;

    private static final String PARTS = """
            PARTITION BY HASH (id);
            CREATE TABLE remark_0 PARTITION OF remark FOR VALUES WITH (MODULUS 3, REMAINDER 0);
            CREATE TABLE remark_1 PARTITION OF remark FOR VALUES WITH (MODULUS 3, REMAINDER 1);
            CREATE TABLE remark_2 PARTITION OF remark FOR VALUES WITH (MODULUS 3, REMAINDER 2)
            """;

    /** What names a remark goes with it; what names nothing stays; what goes in a circle is nobody's. */
    static final String REMEMBER = """
            WITH RECURSIVE t AS (
                SELECT r.id, CASE WHEN i.id IS NULL THEN o.tenant ELSE i.site_id END AS tenant
                FROM public.remark r LEFT JOIN public.issue i ON r.on_type = 'Issue' AND i.id::text = r.on_id
                    LEFT JOIN seen.owner o ON o.id = r.id
                WHERE NOT EXISTS (SELECT FROM public.remark p WHERE r.on_type = 'Remark' AND p.id::text = r.on_id)
                UNION ALL
                SELECT r.id, t.tenant FROM t JOIN public.remark r ON r.on_type = 'Remark' AND r.on_id = t.id::text)
            INSERT INTO seen.owner SELECT r.id, t.tenant FROM public.remark r LEFT JOIN t USING (id)
            ON CONFLICT (id) DO UPDATE SET tenant = excluded.tenant;
            DELETE FROM seen.owner WHERE id NOT IN (SELECT id FROM public.remark);
            """;

    /** Tenant, table and values of every row. */
    static final String ORACLE = """
            SELECT coalesce(o.tenant, '*unattributed*') || ' remark', concat_ws('|', r.id, on_type, on_id, body)
            FROM remark r JOIN seen.owner o USING (id)
            UNION ALL SELECT coalesce(o.tenant, '*unattributed*') || ' heart', concat_ws('|', h.id, remark_id)
            FROM heart h JOIN seen.owner o ON o.id = remark_id
            """;

    private final Connection sql;
    private final Random random;
    private long next = 1000;

    TreeShop(Connection sql, long seed) {
        this.sql = sql;
        this.random = new Random(seed);
    }

    static String ddl(boolean partitioned) {
        return DDL.replace("REMARKS", partitioned ? PARTS : "");
    }

    static TenancyMap map() {
        TreeMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(name("site"), new TableRule.TenantTable("id"));
        rules.put(name("issue"), new TableRule.ByColumn("site_id"));
        rules.put(
                name("remark"),
                new TableRule.ByType(
                        "on_type", "on_id", new TreeMap<>(Map.of("Issue", name("issue"), "Remark", name("remark")))));
        rules.put(name("heart"), new TableRule.ByPath(List.of("remark_id"), name("remark")));
        rules.put(name("marker"), new TableRule.Shared());
        return new TenancyMap(name("site"), rules);
    }

    private static TableName name(String table) {
        return new TableName("public", table);
    }

    /** One statement; some leave remarks behind, or let them go in a circle. */
    void statement() throws SQLException {
        run(
                switch (random.nextInt(20)) {
                    case 0 -> "DELETE FROM remark WHERE id = " + any("remark");
                    case 1 -> "DELETE FROM remark WHERE id % 11 = " + random.nextInt(11);
                    case 2 -> random.nextInt(4) == 0 ? "DELETE FROM issue WHERE id = " + any("issue") : change();
                    case 3 -> "UPDATE remark SET on_id = '-1' WHERE id = " + any("remark");
                    case 4 ->
                        "UPDATE remark r SET id = " + next++ + " WHERE id = " + any("remark")
                                + " AND EXISTS (SELECT FROM issue i"
                                + " WHERE i.id::text = on_id AND on_type = 'Issue')";
                    case 5 -> random.nextInt(15) == 0 ? "TRUNCATE remark CASCADE" : change();
                    case 6 -> "INSERT INTO remark VALUES (" + next++ + ", 'Unheard', '1', NULL)";
                    default -> change();
                });
        run(REMEMBER);
    }

    /** Some statements that leave nothing behind when all of them are done. */
    void transaction() throws SQLException {
        run("BEGIN");
        for (int i = random.nextInt(8); i >= 0; i--) {
            run(
                    switch (random.nextInt(10)) {
                        case 0, 1 -> childFirst();
                        case 2 -> tidyDelete();
                        case 3 -> rekey();
                        default -> change();
                    });
        }
        run(random.nextInt(8) == 0 ? "ROLLBACK" : "COMMIT");
        run(REMEMBER);
    }

    private String change() throws SQLException {
        return switch (random.nextInt(14)) {
            case 0 -> "INSERT INTO issue VALUES (" + next++ + ", '" + "abc".charAt(random.nextInt(3)) + "')";
            case 1, 2 ->
                "UPDATE issue SET site_id = '" + "abc".charAt(random.nextInt(3)) + "' WHERE id = " + any("issue");
            case 3 -> "INSERT INTO heart SELECT " + next++ + ", id FROM remark WHERE id = " + any("remark");
            case 4 -> "UPDATE remark SET body = 'b" + next++ + "' WHERE id % 5 = " + random.nextInt(5);
            case 5, 6 -> "UPDATE remark SET (on_type, on_id) = (" + parent() + ") WHERE id = " + any("remark");
            case 7 ->
                "UPDATE heart SET remark_id = r.id FROM remark r WHERE heart.id % 3 = 0 AND r.id = " + any("remark");
            default -> "INSERT INTO remark VALUES (" + next++ + ", " + parent() + ", NULL)";
        };
    }

    private String childFirst() throws SQLException {
        long id = next;
        next += 3;
        return "INSERT INTO remark VALUES (" + (id + 2) + ", 'Remark', '" + (id + 1) + "', 'deep');"
                + " INSERT INTO heart VALUES (" + id + ", " + (id + 2) + ");"
                + " INSERT INTO remark VALUES (" + (id + 1) + ", 'Remark', '" + id + "', 'low');"
                + " INSERT INTO remark VALUES (" + id + ", " + parent() + ", 'high')";
    }

    private String tidyDelete() throws SQLException {
        return "WITH RECURSIVE d AS (SELECT id FROM remark WHERE id = " + any("remark")
                + " UNION SELECT r.id FROM d JOIN remark r ON r.on_type = 'Remark' AND r.on_id = d.id::text)"
                + " DELETE FROM remark WHERE id IN (SELECT id FROM d)";
    }

    private String rekey() throws SQLException {
        long id = next++;
        String old = any("remark");
        return "UPDATE remark SET id = " + id + " WHERE id = " + old + ";" + " UPDATE remark SET on_id = '" + id
                + "' WHERE on_type = 'Remark' AND on_id = '" + old + "'";
    }

    private String parent() throws SQLException {
        String remark = random.nextInt(3) == 0 ? "0" : any("remark");
        return remark.equals("0") ? "'Issue', '" + any("issue") + "'" : "'Remark', '" + remark + "'";
    }

    private String any(String table) throws SQLException {
        List<String> ids = new ArrayList<>();
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id::text FROM " + table + " ORDER BY id")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids.isEmpty() ? "0" : ids.get(random.nextInt(ids.size()));
    }

    private void run(String statements) throws SQLException {
        try (Statement statement = sql.createStatement()) {
            statement.execute(statements);
        }
    }
}
