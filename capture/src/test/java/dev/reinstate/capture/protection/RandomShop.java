package dev.reinstate.capture.protection;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random transactions over the shop, the same for the same seed. Statements that the database refuses are undone. */
final class RandomShop {
    private final Connection sql;
    private final Random random;
    private long next = 1000;

    RandomShop(Connection sql, long seed) {
        this.sql = sql;
        this.random = new Random(seed);
    }

    /** One statement, a transaction of its own; some let rows refer to what is not there. */
    void statement() {
        try (Statement statement = sql.createStatement()) {
            statement.execute(random.nextInt(8) == 0 ? astray() : change());
        } catch (SQLException refused) {
            // nothing has changed
        }
    }

    /** One transaction of one to ten statements; some are rolled back. */
    void transaction() {
        try (Statement statement = sql.createStatement()) {
            statement.execute("BEGIN; SET CONSTRAINTS ALL " + (random.nextBoolean() ? "DEFERRED" : "IMMEDIATE"));
            int statements = 1 + random.nextInt(10);
            for (int i = 0; i < statements; i++) {
                attempt(statement, change());
            }
            statement.execute(random.nextInt(10) == 0 ? "ROLLBACK" : "COMMIT");
        } catch (SQLException e) {
            rollback();
        }
    }

    private static void attempt(Statement statement, String change) throws SQLException {
        statement.execute("SAVEPOINT s");
        try {
            statement.execute(change);
            statement.execute("RELEASE SAVEPOINT s");
        } catch (SQLException refused) {
            statement.execute("ROLLBACK TO SAVEPOINT s");
        }
    }

    private void rollback() {
        try (Statement statement = sql.createStatement()) {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private String change() throws SQLException {
        return switch (random.nextInt(62)) {
            case 0 -> "INSERT INTO public.site VALUES ('s" + next++ + "', 'site', NULL)";
            case 1, 2 -> "INSERT INTO public.app_user VALUES (" + next++ + ", " + site() + ", 'e', " + text() + ")";
            case 3, 4 ->
                "INSERT INTO public.project VALUES (" + next++ + ", " + site() + ", 'p', " + any("project", "id") + ", "
                        + text() + ")";
            case 5, 6, 7 ->
                "INSERT INTO public.issue VALUES (" + any("project", "id") + ", " + random.nextInt(30) + ", 't', "
                        + text() + ")";
            case 8, 9, 10 ->
                "INSERT INTO public.comment SELECT " + next++ + ", project_id, no, " + text()
                        + " FROM public.issue ORDER BY md5(no::text || " + random.nextInt() + ") LIMIT 1";
            case 11, 12 -> "INSERT INTO public.reaction VALUES (" + next++ + ", " + any("comment", "id") + ", 'x')";
            case 13 ->
                "INSERT INTO public.note VALUES (" + next++ + ", " + (random.nextInt(5) == 0 ? "NULL" : site()) + ", "
                        + text() + ", ARRAY['a b', NULL, 'c\"d'])";
            case 14 -> "INSERT INTO public.tag VALUES (" + site() + ", 'tag" + random.nextInt(9) + "', 1)";
            case 15 -> "INSERT INTO public.plan VALUES (" + random.nextInt(50) + ", 'x')";
            case 16 -> "UPDATE public.project SET name = 'n" + next++ + "' WHERE id = " + any("project", "id");
            case 17 -> "UPDATE public.issue SET title = 't" + next++ + "' WHERE no % 3 = " + random.nextInt(3);
            case 18 -> "UPDATE public.comment SET body = " + text() + " WHERE id = " + any("comment", "id");
            case 19 -> "UPDATE public.project SET site_id = " + site() + " WHERE id = " + any("project", "id");
            case 20 -> "UPDATE public.app_user SET site_id = " + site() + " WHERE id = " + any("app_user", "id");
            case 21 -> "UPDATE public.note SET site_id = " + site() + " WHERE id = " + any("note", "id");
            case 22 ->
                "UPDATE public.issue SET project_id = " + any("project", "id") + " WHERE project_id = "
                        + any("project", "id") + " AND no = " + random.nextInt(30);
            case 23 -> "UPDATE public.project SET id = " + next++ + " WHERE id = " + any("project", "id");
            case 24 ->
                "UPDATE public.comment c SET project_id = i.project_id, issue_no = i.no FROM (SELECT * FROM"
                        + " public.issue ORDER BY md5(no::text || " + random.nextInt() + ") LIMIT 1) i WHERE c.id = "
                        + any("comment", "id");
            case 25 ->
                "UPDATE public.reaction SET comment_id = " + any("comment", "id") + " WHERE id = "
                        + any("reaction", "id");
            case 26 -> random.nextInt(4) == 0 ? "DELETE FROM public.site WHERE id = " + site() : "SELECT 1";
            case 27 -> "DELETE FROM public.project WHERE id = " + any("project", "id");
            case 28, 29 ->
                "DELETE FROM public.issue WHERE no = " + random.nextInt(30) + " AND project_id = "
                        + any("project", "id");
            case 30 -> "DELETE FROM public.comment WHERE id = " + any("comment", "id");
            case 31 -> "DELETE FROM public.reaction WHERE id = " + any("reaction", "id");
            case 32 -> "DELETE FROM public.note WHERE id = " + any("note", "id");
            case 33 -> random.nextInt(6) == 0 ? "TRUNCATE public.reaction" : "SELECT 1";
            case 34 -> random.nextInt(12) == 0 ? "TRUNCATE public.comment CASCADE" : "SELECT 1";
            case 35 -> "UPDATE public.site SET owner = " + any("app_user", "id") + " WHERE id = " + site();
            case 36 ->
                "UPDATE public.tag SET hits = hits + 1, name = name || 'x' WHERE name LIKE 'tag" + random.nextInt(9)
                        + "'";
            case 37 -> childFirst();
            case 38 -> reborn();
            case 39, 40, 41, 42, 43, 44, 45, 46, 47, 48 -> byValue();
            case 49, 50, 51, 52, 53, 54, 55 -> byType();
            case 56, 57, 58 -> bySchema();
            default -> "INSERT INTO public.event VALUES (" + site() + ", 'e" + next++ + "')";
        };
    }

    private String byValue() throws SQLException {
        return switch (random.nextInt(12)) {
            case 0 -> "UPDATE public.site SET slug = 'slug" + next++ + "' WHERE id = " + site();
            case 1 ->
                "INSERT INTO public.subscription VALUES (" + next++ + ", " + any("site", "quote_literal(slug)") + ", "
                        + text() + ")";
            case 2, 3 ->
                "UPDATE public.project SET code = 'c" + random.nextInt(12) + "' WHERE id = " + any("project", "id");
            case 4, 5 ->
                "INSERT INTO public.release VALUES (" + next++ + ", " + any("project", "quote_literal(code)") + ", "
                        + random.nextInt(20) + ", " + text() + ")";
            case 6, 7 ->
                "INSERT INTO public.asset SELECT " + next++ + ", code, no, " + text() + " FROM public.release"
                        + " ORDER BY md5(no::text || " + random.nextInt() + ") LIMIT 1";
            case 8 -> "UPDATE public.release SET no = " + random.nextInt(20) + " WHERE id = " + any("release", "id");
            case 9 ->
                "UPDATE public.release SET code = " + any("project", "quote_literal(code)") + " WHERE id = "
                        + any("release", "id");
            case 10 -> "DELETE FROM public.release WHERE id = " + any("release", "id");
            default -> swap();
        };
    }

    /** Two projects with each other's codes; what names a project by its code is another's then, or goes along. */
    private String swap() throws SQLException {
        String two = "(" + any("project", "id") + ", " + any("project", "id") + ")";
        String goAlong = random.nextBoolean()
                ? ""
                : "; UPDATE public.release r SET code = (SELECT min(s.code) FROM pg_temp.swapped s WHERE s.code <> r.code)"
                        + " WHERE (SELECT count(DISTINCT s.code) FROM pg_temp.swapped s) = 2"
                        + " AND code IN (SELECT s.code FROM pg_temp.swapped s)";
        return "CREATE TEMP TABLE IF NOT EXISTS swapped (id bigint, code text); TRUNCATE pg_temp.swapped;"
                + " INSERT INTO pg_temp.swapped SELECT id, code FROM public.project WHERE id IN " + two
                + "; UPDATE public.project SET code = code || '~' WHERE id IN " + two
                + "; UPDATE public.project x SET code = coalesce((SELECT max(s.code) FROM pg_temp.swapped s"
                + " WHERE s.id <> x.id), trim(trailing '~' from x.code)) WHERE id IN " + two + goAlong;
    }

    private String byType() throws SQLException {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> "INSERT INTO public.attachment VALUES (" + next++ + ", " + owner() + ", " + text() + ")";
            case 3 ->
                "UPDATE public.attachment SET (owner_type, owner_id) = (" + owner() + ") WHERE id = "
                        + any("attachment", "id");
            case 4 -> "UPDATE public.attachment SET body = " + text() + " WHERE id = " + any("attachment", "id");
            case 5, 6 ->
                "INSERT INTO public.thumbnail VALUES (" + next++ + ", " + any("attachment", "id") + ", " + text() + ")";
            default -> "DELETE FROM public.attachment WHERE id = " + any("attachment", "id");
        };
    }

    private String owner() throws SQLException {
        return switch (random.nextInt(3)) {
            case 0 -> "'Site', " + site();
            case 1 -> "'Project', '" + any("project", "id") + "'";
            default -> "'Comment', '" + any("comment", "id") + "'";
        };
    }

    /** Names nothing: a row that is not there, a type nobody knows, or NULL. */
    private String astray() throws SQLException {
        String owner = switch (random.nextInt(3)) {
            case 0 -> "'Project', '-" + next++ + "'";
            case 1 -> "'Unheard', '1'";
            default -> "'Comment', NULL";
        };
        return random.nextBoolean()
                ? "INSERT INTO public.attachment VALUES (" + next++ + ", " + owner + ", " + text() + ")"
                : "UPDATE public.attachment SET (owner_type, owner_id) = (" + owner + ") WHERE id = "
                        + any("attachment", "id");
    }

    private String bySchema() throws SQLException {
        return switch (random.nextInt(6)) {
            case 0 -> "INSERT INTO t_a.page VALUES (" + next++ + ", " + text() + ")";
            case 1 -> "INSERT INTO t_b.page VALUES (" + next++ + ", " + text() + ")";
            case 2 -> "UPDATE t_b.page SET id = " + next++ + ", body = " + text() + " WHERE id % 3 = 0";
            case 3 -> "INSERT INTO t_a.line SELECT " + next++ + ", max(id) FROM t_a.page";
            case 4 -> "UPDATE t_a.line SET page_id = (SELECT min(id) FROM t_a.page) WHERE id % 3 = 0";
            default -> "DELETE FROM t_a.page WHERE id % 7 = " + random.nextInt(7);
        };
    }

    /** Refused unless constraints are deferred. */
    private String childFirst() throws SQLException {
        long id = next++;
        return "INSERT INTO public.comment VALUES (" + id + ", " + any("project", "id") + ", 77, 'early');"
                + " INSERT INTO public.issue SELECT project_id, issue_no, 'late', NULL FROM public.comment WHERE id = "
                + id + " ON CONFLICT DO NOTHING";
    }

    /** The same key, deleted and inserted again for another tenant. */
    private String reborn() throws SQLException {
        String id = any("project", "id");
        return "CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT * FROM public.project WITH NO DATA; TRUNCATE pg_temp.kept;"
                + " INSERT INTO pg_temp.kept SELECT * FROM public.project WHERE id = " + id
                + "; DELETE FROM public.project WHERE id = " + id
                + "; INSERT INTO public.project SELECT id, " + site() + ", 'reborn', NULL, doc, code FROM pg_temp.kept";
    }

    private String site() throws SQLException {
        return any("site", "quote_literal(id)");
    }

    private String any(String table, String expression) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT " + expression + "::text FROM public." + table + " ORDER BY 1")) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values.isEmpty() ? "NULL" : values.get(random.nextInt(values.size()));
    }

    /** Some values are large enough to be stored apart from their row. */
    private String text() {
        return switch (random.nextInt(4)) {
            case 0 -> "NULL";
            case 1 ->
                "(SELECT string_agg(md5(i::text || " + random.nextInt() + "), '') FROM generate_series(1, 250) i)";
            default -> "'text " + random.nextInt() + " ä\t\\ ''x'''";
        };
    }
}
