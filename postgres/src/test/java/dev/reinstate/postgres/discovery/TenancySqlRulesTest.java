package dev.reinstate.postgres.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.copy.CopyOut;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that belong by type, by their schema, or by unique columns that are no key: against plain SQL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenancySqlRulesTest {
    private static final TenantId TENANT = new TenantId("t7");
    private static final TableName FILE = TableName.parse("file");
    private static final TableName NOTE = TableName.parse("note");
    private static final TableName STAR = TableName.parse("star");
    private static final TableName SIZE = TableName.parse("size");
    private static final TableName TASK = TableName.parse("task");
    private static final TableName ITEM = TableName.parse("item");
    private static final TableName DOC = TableName.parse("doc");
    private static final TableName LINK = TableName.parse("link");
    private static final TableName PING = TableName.parse("ping");
    private static final TableName TEAM = TableName.parse("team");

    /** By plain SQL, whose rows are whose. */
    private static final Map<String, String> OWNERS = Map.of(
            "file", "SELECT id, owner FROM file_owner",
            "size", "SELECT s.id, f.owner FROM size s LEFT JOIN file_owner f ON f.id = s.file_id",
            "task", "SELECT id, owner FROM task_owner",
            "item", "SELECT id, owner FROM item_owner",
            "note", "SELECT n.id, o.owner FROM note n LEFT JOIN note_owner o USING (id)",
            "star", "SELECT s.id, o.owner FROM star s LEFT JOIN note_owner o ON o.id = s.note",
            "link", """
                    SELECT l.id, CASE WHEN l.task IS NOT NULL THEN k.owner WHEN l.board IS NOT NULL AND l.no IS NOT NULL THEN b.owner
                        WHEN l.doc IS NOT NULL THEN d.team ELSE t.id END AS owner
                    FROM link l LEFT JOIN task_owner k ON k.id = l.task
                    LEFT JOIN task_owner b ON b.board = l.board AND b.no = l.no
                    LEFT JOIN doc d ON d.id = l.doc LEFT JOIN team t ON t.id = l.team""",
            "ping", "SELECT p.id, k.owner FROM ping p LEFT JOIN link_owner k ON k.id = p.link",
            "mark", """
                    SELECT m.id, coalesce(f.owner, i.owner) AS owner
                    FROM mark m LEFT JOIN file_owner f ON m.kind = 'File' AND f.id = m.ref
                    LEFT JOIN item_owner i ON m.kind = 'Item' AND i.id = m.ref""");

    private static final String OWNER_VIEWS = """
            CREATE VIEW task_owner AS
            SELECT k.*, t.id AS owner FROM task k LEFT JOIN team t ON t.slug = k.team;
            CREATE VIEW item_owner AS
            SELECT i.id, k.owner FROM item i LEFT JOIN task_owner k ON k.board = i.board AND k.no = i.no;
            CREATE VIEW file_owner AS
            SELECT f.id, coalesce(t.id, k.owner, d.team) AS owner
            FROM file f LEFT JOIN team t ON f.kind = 'Team' AND t.id = f.ref
            LEFT JOIN task_owner k ON f.kind = 'Task' AND k.id::text = f.ref
            LEFT JOIN doc d ON f.kind = 'Doc' AND d.id::text = f.ref;
            CREATE VIEW link_owner AS
            SELECT l.id, CASE WHEN l.task IS NOT NULL THEN k.owner WHEN l.board IS NOT NULL AND l.no IS NOT NULL THEN b.owner
                WHEN l.doc IS NOT NULL THEN d.team ELSE t.id END AS owner
            FROM link l LEFT JOIN task_owner k ON k.id = l.task LEFT JOIN task_owner b ON b.board = l.board AND b.no = l.no
            LEFT JOIN doc d ON d.id = l.doc LEFT JOIN team t ON t.id = l.team;
            CREATE VIEW note_owner AS
            WITH RECURSIVE n AS (
                SELECT n.id, coalesce(t.id, f.owner) AS owner
                FROM note n LEFT JOIN team t ON n.kind = 'Team' AND t.id = n.ref
                    LEFT JOIN file_owner f ON n.kind = 'File' AND f.id::text = n.ref
                WHERE n.kind IN ('Team', 'File')
                UNION ALL
                SELECT c.id, n.owner FROM n JOIN note c ON c.kind IN ('Note', 'Remark') AND c.ref = n.id::text)
            SELECT * FROM n;
            """;

    private Connection connection;
    private TenancySql sql;

    @BeforeAll
    void load() {
        Database database = TestServer.shared().newDatabase();
        TestServer.execute(database, """
                SET search_path = public;
                CREATE TYPE kind AS ENUM ('Team', 'Task', 'Doc', 'Other');
                CREATE TABLE team (id text PRIMARY KEY, slug text UNIQUE);
                CREATE TABLE task (id int PRIMARY KEY, team text REFERENCES team (slug), board int, no int,
                    UNIQUE (board, no));
                CREATE INDEX ON task (team);
                CREATE TABLE item (id int PRIMARY KEY, board int, no int, FOREIGN KEY (board, no) REFERENCES task (board, no));
                CREATE INDEX ON item (no, board);
                CREATE TABLE doc (id uuid PRIMARY KEY, team text);
                CREATE INDEX ON doc (team);
                CREATE TABLE file (id bigint PRIMARY KEY, kind varchar(20), ref varchar(60));
                CREATE INDEX ON file (kind, ref);
                CREATE TABLE size (id int PRIMARY KEY, file_id bigint);
                CREATE INDEX ON size (file_id);
                CREATE TABLE note (id bigint PRIMARY KEY, kind text, ref text, extra json);
                CREATE INDEX ON note (kind, ref);
                CREATE TABLE star (id int PRIMARY KEY, note bigint);
                CREATE INDEX ON star (note);
                CREATE TABLE mark (id int PRIMARY KEY, kind kind, ref smallint);
                CREATE TABLE link (id int PRIMARY KEY, task int, board int, no int, doc uuid, team text);
                CREATE INDEX ON link (task); CREATE INDEX ON link (board, no); CREATE INDEX ON link (doc);
                CREATE INDEX ON link (team);
                CREATE TABLE ping (id int PRIMARY KEY, link int);
                CREATE INDEX ON ping (link);
                ALTER TYPE kind ADD VALUE 'File'; ALTER TYPE kind ADD VALUE 'Item';
                """);
        TestServer.execute(database, """
                SET search_path = public;
                INSERT INTO team SELECT 't' || n, 'slug-' || n FROM generate_series(1, 400) n;
                INSERT INTO task SELECT n, CASE WHEN n % 9 > 0 THEN 'slug-' || 1 + n % 400 END, n / 10, n % 10
                FROM generate_series(1, 20000) n;
                INSERT INTO item SELECT n, n % 2000, n % 7 FROM generate_series(10, 20000) n WHERE n % 2000 > 0;
                INSERT INTO doc SELECT md5(n::text)::uuid, 't' || 1 + n % 400 FROM generate_series(1, 4000) n;
                INSERT INTO file SELECT n, (ARRAY['Team', 'Task', 'Doc', 'Other', NULL])[1 + n % 5],
                    CASE n % 5 WHEN 0 THEN 't' || 1 + n % 400 WHEN 1 THEN (n % 20000)::text
                        WHEN 2 THEN md5((n % 4500)::text)::uuid::text ELSE n::text END
                FROM generate_series(1, 50000) n;
                INSERT INTO file VALUES (-1, 'Task', '007'), (-2, 'Task', ' 7'), (-3, 'Task', 'seven'), (-4, 'Task', NULL),
                    (-5, 'Task', '99999999999999999999999'), (-6, 'Doc', 'C4CA4238-A0B9-2382-0DCC-509A6F75849B'),
                    (-7, 'Task', '9999999999999999999'), (-8, 'Team', '');
                INSERT INTO size SELECT n, n % 52000 FROM generate_series(1, 60000) n;
                INSERT INTO note SELECT n, (ARRAY['Note', 'Note', 'Team', 'Remark', 'File', 'Other'])[1 + n % 6],
                    CASE n % 6 WHEN 2 THEN 't' || 1 + n % 400 WHEN 4 THEN n::text ELSE (n - 1 - n % 5)::text END
                FROM generate_series(1, 20000) n;
                INSERT INTO note VALUES (-1, 'Note', '-2'), (-2, 'Note', '-3'), (-3, 'Remark', '-1'), (-4, 'Note', '-4'),
                    (-5, 'Note', '-1'), (-6, NULL, '1'), (-7, 'Note', NULL), (-8, 'Note', '-99');
                INSERT INTO note SELECT 100000 + n, 'Note', CASE n WHEN 0 THEN '8' ELSE (99999 + n)::text END
                FROM generate_series(0, 300) n;
                INSERT INTO star SELECT n, n % 20100 - 20 FROM generate_series(1, 30000) n;
                INSERT INTO star VALUES (30001, 100300);
                INSERT INTO mark SELECT n, (ARRAY['File', 'Item'])[1 + n % 2]::kind, n % 20000 FROM generate_series(1, 9000) n;
                INSERT INTO link SELECT n, CASE WHEN n % 2 = 0 THEN n % 20100 END, CASE WHEN n % 3 = 0 THEN n % 2010 END,
                    CASE WHEN n % 3 = 0 AND n % 5 > 0 THEN n % 7 END,
                    CASE WHEN n % 7 = 0 THEN md5((n % 4500)::text)::uuid END,
                    CASE WHEN n % 11 = 0 THEN 't' || 1 + n % 410 END
                FROM generate_series(1, 20000) n;
                INSERT INTO ping SELECT n, n % 21000 FROM generate_series(1, 25000) n;
                CREATE SCHEMA tenant_t7; CREATE SCHEMA tenant_t8;
                CREATE TABLE tenant_t7.page (id int PRIMARY KEY); CREATE TABLE tenant_t8.page (id int PRIMARY KEY);
                CREATE TABLE tenant_t7.line (id int, page int);
                INSERT INTO tenant_t7.page VALUES (1), (2); INSERT INTO tenant_t8.page VALUES (1), (2), (3);
                INSERT INTO tenant_t7.line VALUES (1, 1), (2, 1), (3, 9);
                """, "SET search_path = public; " + OWNER_VIEWS, "VACUUM ANALYZE");
        connection = database.connect();
        Query.execute(connection, "Cannot set", "SET search_path = public");
        sql = new TenancySql(Catalogue.read(connection), map());
    }

    private static TenancyMap map() {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(TEAM, new TableRule.TenantTable("id"));
        rules.put(TASK, new TableRule.ByPath(List.of("team"), TEAM, List.of("slug")));
        rules.put(ITEM, new TableRule.ByPath(List.of("board", "no"), TASK, List.of("board", "no")));
        rules.put(DOC, new TableRule.ByColumn("team"));
        rules.put(
                FILE,
                new TableRule.ByType("kind", "ref", new TreeMap<>(Map.of("Team", TEAM, "Task", TASK, "Doc", DOC))));
        rules.put(
                NOTE,
                new TableRule.ByType(
                        "kind",
                        "ref",
                        new TreeMap<>(Map.of("Team", TEAM, "File", FILE, "Note", NOTE, "Remark", NOTE))));
        rules.put(STAR, new TableRule.ByPath(List.of("note"), NOTE));
        rules.put(SIZE, new TableRule.ByPath(List.of("file_id"), FILE));
        rules.put(
                TableName.parse("mark"),
                new TableRule.ByType("kind", "ref", new TreeMap<>(Map.of("File", FILE, "Item", ITEM))));
        rules.put(
                LINK,
                new TableRule.ByPaths(List.of(
                        new TableRule.ByPath(List.of("task"), TASK),
                        new TableRule.ByPath(List.of("board", "no"), TASK, List.of("board", "no")),
                        new TableRule.ByPath(List.of("doc"), DOC),
                        new TableRule.ByPath(List.of("team"), TEAM))));
        rules.put(PING, new TableRule.ByPath(List.of("link"), LINK));
        rules.put(TableName.parse("tenant_t7.page"), new TableRule.BySchema());
        rules.put(TableName.parse("tenant_t8.page"), new TableRule.BySchema());
        rules.put(
                TableName.parse("tenant_t7.line"),
                new TableRule.ByPath(List.of("page"), TableName.parse("tenant_t7.page")));
        return new TenancyMap(Optional.of(TEAM), Optional.of(new SchemaPattern("tenant_{tenant}")), rules);
    }

    @AfterAll
    void close() throws SQLException {
        connection.close();
    }

    private long count(TableName table, TenantId tenant) {
        return CopyOut.forEach(connection, sql.selectRows(table, List.of("id"), tenant), 1, row -> {});
    }

    private long counted(TableName table, String condition) {
        return Long.parseLong(TestServer.text(connection, "SELECT count(*) FROM " + table + " t WHERE " + condition));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "size", "task", "item", "mark", "note", "star", "link", "ping"})
    void saysOfEveryRowWhatPlainSqlSays(String name) {
        TableName table = TableName.parse(name);
        String owners = OWNERS.get(name);
        for (TenantId tenant : List.of(TENANT, new TenantId("t9"), new TenantId("t400"), new TenantId("nobody"))) {
            long expected = Long.parseLong(TestServer.text(
                    connection, "SELECT count(*) FROM (" + owners + ") o WHERE owner = '" + tenant + "'"));
            assertThat(counted(table, sql.condition(table, "t", tenant)))
                    .as(name + " of " + tenant)
                    .isEqualTo(expected);
            assertThat(count(table, tenant)).as(name + " of " + tenant).isEqualTo(expected);
        }
        assertThat(TestServer.text(
                        connection,
                        "SELECT count(*) FROM (" + owners + ") o JOIN " + table
                                + " t USING (id) WHERE o.owner IS DISTINCT FROM " + sql.owner(table, "t")))
                .isEqualTo("0");
    }

    @Test
    void theConditionAndTheJoinsAgree() {
        for (TableName table : map().rules().keySet()) {
            for (String tenant : List.of("t7", "t8")) {
                TenantId id = new TenantId(tenant);
                assertThat(counted(table, sql.condition(table, "t", id)))
                        .as(table + " of " + tenant)
                        .isEqualTo(count(table, id));
            }
        }
    }

    @Test
    void aTenantsSchemaIsItsOwn() {
        TableName page = TableName.parse("tenant_t7.page");
        TableName line = TableName.parse("tenant_t7.line");
        assertThat(List.of(count(page, TENANT), count(line, TENANT))).containsExactly(2L, 2L);
        assertThat(count(page, new TenantId("t8"))).isZero();
        assertThat(counted(page, sql.isCutOff(page, "t"))).isZero();
        assertThat(counted(line, sql.isCutOff(line, "t"))).isEqualTo(1);
        assertThat(counted(line, sql.owner(line, "t") + " IS NULL")).isEqualTo(1);
        assertThat(counted(page, sql.owner(page, "t") + " = 't7'")).isEqualTo(2);
    }

    @Test
    void costsWhatTheTenantCosts() {
        Query.execute(connection, "Cannot set", "SET enable_seqscan = off");
        for (TableName table : List.of(FILE, SIZE, TASK, ITEM, NOTE, STAR)) {
            assertThat(plan(sql.selectRows(table, List.of("id"), TENANT)))
                    .as("plan of " + table)
                    .doesNotContain("Seq Scan");
            assertThat(plan("SELECT * FROM " + table + " t WHERE " + sql.condition(table, "t", TENANT)))
                    .as("plan of a condition on " + table)
                    .doesNotContain("Seq Scan", "SubPlan");
            assertThat(plan("SELECT " + sql.owner(table, "t") + ", " + sql.isCutOff(table, "t") + " FROM " + table
                            + " t WHERE id = 7"))
                    .as("plan of the owner of a row of " + table)
                    .doesNotContain("Seq Scan");
        }
        for (TableName table : List.of(LINK, PING)) {
            assertThat(plan(sql.selectRows(table, List.of("id"), TENANT))).doesNotContain("Seq Scan");
        }
        Query.execute(connection, "Cannot reset", "RESET enable_seqscan");
    }

    private String plan(String query) {
        return String.join("\n", Query.list(connection, "Cannot explain", "EXPLAIN " + query, row -> row.getString(1)));
    }

    @Test
    void aTextThatIsNoKeyOfThatTypeNamesNothing() {
        assertThat(counted(FILE, "id < 0 AND " + sql.owner(FILE, "t") + " IS NOT NULL"))
                .isZero();
        assertThat(counted(FILE, "id < 0 AND NOT " + sql.isCutOff(FILE, "t"))).isZero();
        assertThat(counted(FILE, "kind = 'Other' AND NOT " + sql.isCutOff(FILE, "t")))
                .isZero();
    }

    @Test
    void ofSeveralPathsTheFirstThatIsSetCounts() {
        assertThat(counted(LINK, sql.owner(LINK, "t") + " IS NULL AND NOT " + sql.isCutOff(LINK, "t")))
                .as("what it names is there, and is nobody's itself")
                .isPositive();
        assertThat(counted(
                        LINK,
                        "num_nonnulls(task, doc, team) = 0 AND (board IS NULL OR no IS NULL) AND NOT "
                                + sql.isCutOff(LINK, "t")))
                .isZero();
        assertThat(counted(LINK, "task > 20000 AND NOT " + sql.isCutOff(LINK, "t")))
                .as("whatever else it names")
                .isZero();
        assertThat(counted(
                        LINK,
                        "task IS NULL AND team IN ('t12', 't23', 't34') AND num_nonnulls(no, doc) = 0 AND "
                                + sql.isCutOff(LINK, "t")))
                .isZero();
        assertThat(sql.joinsTo(TEAM, "above", PING, "t")).hasSize(3);
        assertThat(countedAbove(TASK, LINK, "8", "t.task IS DISTINCT FROM 8"))
                .isEqualTo(counted(LINK, "task IS NULL AND (board, no) = (SELECT board, no FROM task WHERE id = 8)"));
    }

    @Test
    void leadsFromRowsOfATreeToAllAboveThem() {
        // 8 is a team's; 100000 names 8, 100001 names 100000, and so on
        assertThat(countedAbove(NOTE, NOTE, "8", "t.id >= 100000")).isEqualTo(301);
        assertThat(countedAbove(NOTE, NOTE, "100299", "true")).isEqualTo(1);
        assertThat(countedAbove(NOTE, STAR, "100300", "t.id > 30000")).isEqualTo(1);
        assertThat(countedAbove(NOTE, STAR, "8", "t.id > 30000")).isEqualTo(1);
        assertThat(countedAbove(NOTE, NOTE, "-1", "t.id < 0"))
                .as("in a circle, once each")
                .isEqualTo(4);
        assertThat(countedAbove(TEAM, NOTE, "t9", "t.id >= 100000")).isEqualTo(301);
    }

    private long countedAbove(TableName ancestor, TableName table, String id, String condition) {
        return sql.joinsTo(ancestor, "above", table, "t").stream()
                .mapToLong(way -> Long.parseLong(TestServer.text(
                        connection,
                        "SELECT count(*) FROM " + table + " t" + way + " WHERE above.id::text = '" + id + "' AND "
                                + condition)))
                .sum();
    }

    @Test
    void leadsFromRowsToWhatTheyBelongToByEveryWayThereIs() {
        List<String> ways = sql.joinsTo(TEAM, "above", SIZE, "t");
        assertThat(ways).hasSize(2);
        long joined = 0;
        for (String way : ways) {
            joined += Long.parseLong(
                    TestServer.text(connection, "SELECT count(*) FROM public.size t" + way + " WHERE above.id = 't7'"));
        }
        String viaDocs = "SELECT count(*) FROM public.size t"
                + sql.joinsTo(DOC, "above", SIZE, "t").getFirst() + " WHERE above.team = 't7'";
        joined += Long.parseLong(TestServer.text(connection, viaDocs));
        assertThat(joined).isEqualTo(count(SIZE, TENANT));
    }
}
