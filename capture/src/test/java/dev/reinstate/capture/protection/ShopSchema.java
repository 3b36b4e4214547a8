package dev.reinstate.capture.protection;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A schema with every way a row can belong to a tenant, and the plain SQL that says to which. */
final class ShopSchema {
    static final String DDL = """
            CREATE TABLE site (id text PRIMARY KEY, name text, owner bigint);
            CREATE TABLE app_user (
                id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site ON DELETE CASCADE DEFERRABLE,
                email text, bio text);
            ALTER TABLE site ADD FOREIGN KEY (owner) REFERENCES app_user ON DELETE SET NULL DEFERRABLE;
            CREATE TABLE project (
                id bigint PRIMARY KEY, site_id text NOT NULL REFERENCES site ON DELETE CASCADE,
                name text, parent bigint REFERENCES project ON DELETE SET NULL, doc text);
            CREATE TABLE issue (
                project_id bigint NOT NULL REFERENCES project ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE,
                no integer NOT NULL, title text, body text, PRIMARY KEY (project_id, no));
            CREATE TABLE comment (
                id bigint PRIMARY KEY, project_id bigint NOT NULL, issue_no integer NOT NULL, body text,
                FOREIGN KEY (project_id, issue_no) REFERENCES issue ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE);
            CREATE TABLE reaction (
                id bigint PRIMARY KEY,
                comment_id bigint NOT NULL REFERENCES comment ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE,
                emoji text);
            CREATE TABLE worklog (
                comment_id bigint NOT NULL REFERENCES comment ON DELETE CASCADE ON UPDATE CASCADE, minutes integer);
            CREATE TABLE note (id bigint PRIMARY KEY, site_id text, body text, tags text[]);
            ALTER TABLE note REPLICA IDENTITY FULL;
            CREATE TABLE tag (site_id text NOT NULL, name text NOT NULL, hits integer, PRIMARY KEY (site_id, name));
            CREATE TABLE event (site_id text, what text);
            CREATE TABLE plan (id integer PRIMARY KEY, name text);
            CREATE TABLE marker (id integer PRIMARY KEY, n bigint);
            INSERT INTO marker VALUES (1, 0);
            """;

    /** From each table, how to reach the row that names the tenant, and the expression that does. */
    private static final Map<String, String> TENANT_OF = new LinkedHashMap<>(
            Map.of(
                    "site", "t.id",
                    "app_user", "t.site_id",
                    "project", "t.site_id",
                    "note", "t.site_id",
                    "tag", "t.site_id",
                    "event", "t.site_id",
                    "issue", "(SELECT p.site_id FROM project p WHERE p.id = t.project_id)",
                    "comment", "(SELECT p.site_id FROM project p WHERE p.id = t.project_id)",
                    "reaction",
                            "(SELECT p.site_id FROM comment c JOIN project p ON p.id = c.project_id WHERE c.id = t.comment_id)",
                    "worklog",
                            "(SELECT p.site_id FROM comment c JOIN project p ON p.id = c.project_id WHERE c.id = t.comment_id)"));

    /** Tables of which only inserts are captured: what the database loses or moves of them the archive keeps. */
    static final List<String> KEYLESS = List.of("event", "worklog");

    private ShopSchema() {}

    static TenancyMap map() {
        TreeMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(name("site"), new TableRule.TenantTable("id"));
        for (String table : List.of("app_user", "project", "note", "tag", "event")) {
            rules.put(name(table), new TableRule.ByColumn("site_id"));
        }
        rules.put(name("issue"), new TableRule.ByPath(List.of("project_id"), name("project")));
        rules.put(name("comment"), new TableRule.ByPath(List.of("project_id", "issue_no"), name("issue")));
        rules.put(name("reaction"), new TableRule.ByPath(List.of("comment_id"), name("comment")));
        rules.put(name("worklog"), new TableRule.ByPath(List.of("comment_id"), name("comment")));
        rules.put(name("plan"), new TableRule.Shared());
        rules.put(name("marker"), new TableRule.Shared());
        return new TenancyMap(name("site"), rules);
    }

    static TenancyMap with(TenancyMap map, String table, TableRule rule) {
        TreeMap<TableName, TableRule> rules = new TreeMap<>(map.rules());
        rules.put(name(table), rule);
        return map.withRules(rules);
    }

    static List<String> tables() {
        return map().rules().keySet().stream().map(TableName::name).toList();
    }

    /** Every row's tenant (or NULL) and its values as one text array. */
    static String oracle(String table, List<String> columns) {
        String values =
                String.join(", ", columns.stream().map(c -> "t." + c + "::text").toList());
        return "SELECT " + TENANT_OF.getOrDefault(table, "'*shared*'") + " AS tenant, ARRAY[" + values
                + "]::text[] AS row FROM public." + table + " t";
    }

    private static TableName name(String table) {
        return new TableName("public", table);
    }
}
