package dev.reinstate.postgres.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.discovery.TenancySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which values of a column are equal, and which of those are written the same, under an empty search_path. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EqualityTest {
    private static final List<String> SAME_TEXT = List.of(
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "oid",
            "text",
            "varchar",
            "varchar(9)",
            "name",
            "\"char\"",
            "bytea",
            "uuid",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "inet",
            "cidr",
            "macaddr",
            "bit(3)",
            "varbit",
            "pg_lsn",
            "numeric(10,2)",
            "public.mood",
            "public.id");
    private static final List<String> OTHERS = List.of(
            "numeric",
            "real",
            "double precision",
            "char(4)",
            "interval",
            "jsonb",
            "int[]",
            "numeric[]",
            "int4range",
            "text COLLATE public.no_case",
            "varchar COLLATE public.no_case",
            "public.pair",
            "public.amount");
    private static final List<String> EXTENSIONS = List.of(
            "public.citext",
            "public.hstore",
            "public.ltree",
            "public.cube",
            "public.seg",
            "public.isbn",
            "public.mail");

    private Connection connection;
    private Catalogue catalogue;

    @BeforeAll
    void load() {
        Database database = TestServer.shared().newDatabase();
        String extensions = List.of("citext", "hstore", "ltree", "cube", "seg", "isn").stream()
                .map(name -> "CREATE EXTENSION " + name + " SCHEMA public;")
                .collect(Collectors.joining());
        TestServer.execute(
                database,
                extensions + """
                CREATE COLLATION public.no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                CREATE TYPE public.mood AS ENUM ('sad', 'glad');
                CREATE DOMAIN public.id AS bigint; CREATE DOMAIN public.amount AS numeric;
                CREATE DOMAIN public.mail_text AS public.citext; CREATE DOMAIN public.mail AS public.mail_text;
                CREATE TYPE public.pair AS (a int, b numeric);
                CREATE TABLE public.site (id public.citext PRIMARY KEY);
                CREATE TABLE public.page (id numeric PRIMARY KEY, site public.citext NOT NULL);
                CREATE INDEX ON public.page (site);
                CREATE TABLE public.line (id public.ltree PRIMARY KEY, page numeric NOT NULL);
                CREATE INDEX ON public.line (page);
                CREATE TABLE public.leaf (id int PRIMARY KEY, line public.ltree NOT NULL);
                CREATE INDEX ON public.leaf (line);
                INSERT INTO public.site SELECT 'site-' || n FROM generate_series(1, 500) n;
                INSERT INTO public.page SELECT n, (ARRAY['site-', 'SITE-'])[1 + n / 500 % 2] || 1 + n % 500
                  FROM generate_series(1, 5000) n;
                INSERT INTO public.line SELECT ('n' || n)::public.ltree, 1 + n % 5000 FROM generate_series(1, 20000) n;
                UPDATE public.line SET page = page::numeric(10,1) WHERE id::text LIKE '%1';
                INSERT INTO public.leaf SELECT n, ('n' || 1 + n % 20000)::public.ltree FROM generate_series(1, 40000) n;
                """,
                "CREATE TABLE public.typed (" + columns(SAME_TEXT, "s") + ", " + columns(OTHERS, "o") + ", "
                        + columns(EXTENSIONS, "e") + ")",
                "VACUUM ANALYZE");
        connection = database.connect();
        catalogue = Catalogue.read(connection);
    }

    private static String columns(List<String> types, String prefix) {
        StringBuilder columns = new StringBuilder();
        for (int i = 0; i < types.size(); i++) {
            columns.append(i == 0 ? "" : ", ")
                    .append(prefix)
                    .append(i)
                    .append(' ')
                    .append(types.get(i));
        }
        return columns.toString();
    }

    @AfterAll
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void knowsOfEveryTypeHowItIsCompared() {
        Table typed = catalogue.require(TableName.parse("typed"));
        for (int i = 0; i < SAME_TEXT.size(); i++) {
            assertThat(typed.equality("s" + i).of("a", "b"))
                    .as(SAME_TEXT.get(i))
                    .isEqualTo("a = b");
            assertThat(typed.equality("s" + i).sameText()).as(SAME_TEXT.get(i)).isTrue();
        }
        for (int i = 0; i < OTHERS.size(); i++) {
            assertThat(typed.equality("o" + i).of("a", "b")).as(OTHERS.get(i)).isEqualTo("a = b");
            assertThat(typed.equality("o" + i).sameText()).as(OTHERS.get(i)).isFalse();
        }
        for (int i = 0; i < EXTENSIONS.size(); i++) {
            assertThat(typed.equality("e" + i).of("a", "b"))
                    .as(EXTENSIONS.get(i))
                    .isEqualTo("a OPERATOR(public.=) b");
            assertThat(typed.equality("e" + i).sameText()).as(EXTENSIONS.get(i)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "numeric, 1.0, numeric, 1.00, true",
        "numeric, 1.0, 'numeric(10,2)', 1.00, true",
        "'numeric(10,1)', 1.0, 'numeric(10,2)', 1.00, true",
        "integer, 1, numeric, 1.0, true",
        "integer, 1, bigint, 1, false",
        "double precision, -0, double precision, 0, true",
        "char(4), a, char(4), a, false",
        "char(4), a, char(6), a, true",
        "interval, 1 mon, interval, 30 days, true",
        "jsonb, 1.0, jsonb, 1.00, true",
        "date, 2024-01-01, timestamp, 2024-01-01 00:00, true",
        "public.citext, acme, public.citext, ACME, true",
        "text COLLATE public.no_case, acme, text COLLATE public.no_case, ACME, true",
        "public.cube, (0), public.cube, (-0), true",
        "boolean, yes, boolean, true, false",
        "inet, 10.0.0.1, inet, 10.0.0.1/32, false"
    })
    void equalValuesThatAreWrittenDifferentlyAreNotTheSame(
            String type, String value, String otherType, String other, boolean differs) {
        Query.execute(connection, "Cannot drop", "DROP TABLE IF EXISTS public.compared");
        Query.execute(
                connection, "Cannot create", "CREATE TABLE public.compared (a " + type + ", b " + otherType + ")");
        Query.execute(
                connection, "Cannot insert", "INSERT INTO public.compared VALUES ('" + value + "', '" + other + "')");
        Table compared = Catalogue.read(connection).require(TableName.parse("compared"));
        Equality a = compared.equality("a");
        Equality b = compared.equality("b");
        assertThat(holds(a.of("a", "b"))).as("equal").isEqualTo("t");
        assertThat(holds(a.exactly("a", b, "b"))).as("and written the same").isEqualTo(differs ? "f" : "t");
        assertThat(holds(a.exactly("a", a, "a"))).isEqualTo("t");
        assertThat(holds(a.text("a") + " = pg_catalog.format('%s', a)")).isEqualTo("t");
    }

    private String holds(String condition) {
        return TestServer.text(connection, "SELECT (" + condition + ") FROM public.compared");
    }

    @Test
    void selectsByTextAtTheCostOfAnIndex() {
        TenancySql sql = new TenancySql(
                catalogue,
                new TenancyMap(
                        TableName.parse("site"),
                        new TreeMap<>(Map.of(
                                TableName.parse("site"), new TableRule.TenantTable("id"),
                                TableName.parse("page"), new TableRule.ByColumn("site"),
                                TableName.parse("line"), new TableRule.ByPath(List.of("page"), TableName.parse("page")),
                                TableName.parse("leaf"),
                                        new TableRule.ByPath(List.of("line"), TableName.parse("line"))))));
        String leaves = "SELECT count(*) FROM public.leaf l JOIN public.line n ON n.id::text = l.line::text"
                + " JOIN public.page p ON p.id::text = n.page::text WHERE p.site::text = ";
        TableName leaf = TableName.parse("leaf");
        for (String tenant : List.of("site-7", "SITE-7", "Site-7")) {
            String expected = TestServer.text(connection, leaves + "'" + tenant + "'");
            TenantId id = new TenantId(tenant);
            assertThat(TestServer.text(
                            connection, "SELECT count(*) FROM (" + sql.selectRows(leaf, List.of("id"), id) + ") r"))
                    .as(tenant)
                    .isEqualTo(expected);
            assertThat(TestServer.text(
                            connection, "SELECT count(*) FROM public.leaf l WHERE " + sql.condition(leaf, "l", id)))
                    .as(tenant)
                    .isEqualTo(expected);
            assertThat(expected.equals("0")).isEqualTo(tenant.equals("Site-7"));
        }
        Query.execute(connection, "Cannot set", "SET enable_seqscan = off");
        for (String query : List.of(
                sql.selectRows(leaf, List.of("id"), new TenantId("site-7")),
                "SELECT * FROM public.leaf l WHERE " + sql.condition(leaf, "l", new TenantId("site-7")))) {
            assertThat(Query.list(connection, "Cannot explain", "EXPLAIN " + query, row -> row.getString(1)))
                    .noneMatch(line -> line.contains("Seq Scan"));
        }
        Query.execute(connection, "Cannot reset", "RESET enable_seqscan");
    }
}
