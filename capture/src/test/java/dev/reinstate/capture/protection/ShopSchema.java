package dev.reinstate.capture.protection;

import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

            ALTER TABLE site ADD slug text UNIQUE;
            CREATE TABLE subscription (
                id bigint PRIMARY KEY,
                slug text NOT NULL REFERENCES site (slug) ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE, body text);
            ALTER TABLE project ADD code text UNIQUE;
            CREATE TABLE release (
                id bigint PRIMARY KEY,
                code text NOT NULL REFERENCES project (code) ON DELETE CASCADE DEFERRABLE,
                no integer NOT NULL, body text, UNIQUE (code, no));
            CREATE TABLE asset (
                id bigint PRIMARY KEY, code text NOT NULL, no integer NOT NULL, body text,
                FOREIGN KEY (code, no) REFERENCES release (code, no)
                    ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE);

            CREATE TABLE attachment (id bigint PRIMARY KEY, owner_type text, owner_id text, body text);
            CREATE TABLE thumbnail (
                id bigint PRIMARY KEY, attachment_id bigint NOT NULL REFERENCES attachment ON DELETE CASCADE, body text);

            CREATE SCHEMA t_a;
            CREATE TABLE t_a.page (id bigint PRIMARY KEY, body text);
            CREATE TABLE t_a.line (id bigint PRIMARY KEY, page_id bigint NOT NULL REFERENCES t_a.page ON DELETE CASCADE);
            CREATE SCHEMA t_b;
            CREATE TABLE t_b.page (id bigint PRIMARY KEY, body text);
            """;

    /** An application that sees to it that rows of any type go with the row they belong to, and follow its key. */
    static final String TIDY = """
            CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    DELETE FROM public.attachment WHERE owner_type = TG_ARGV[0];
                ELSIF TG_OP = 'DELETE' THEN
                    DELETE FROM public.attachment WHERE owner_type = TG_ARGV[0] AND owner_id = OLD.id::text;
                ELSE
                    UPDATE public.attachment SET owner_id = NEW.id::text
                    WHERE owner_type = TG_ARGV[0] AND owner_id = OLD.id::text;
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER tidy AFTER DELETE ON site FOR EACH ROW EXECUTE FUNCTION tidy('Site');
            CREATE TRIGGER tidy AFTER DELETE OR UPDATE OF id ON project FOR EACH ROW EXECUTE FUNCTION tidy('Project');
            CREATE TRIGGER tidy AFTER DELETE ON comment FOR EACH ROW EXECUTE FUNCTION tidy('Comment');
            CREATE TRIGGER empty AFTER TRUNCATE ON comment EXECUTE FUNCTION tidy('Comment');
            """;

    /** Without it, such rows are left behind, and stay whose they were: remembered after every statement. */
    static final String REMEMBER = """
            INSERT INTO seen.owner
            SELECT t.id, %s FROM public.attachment t
            ON CONFLICT (id) DO UPDATE SET tenant = coalesce(excluded.tenant, owner.tenant);
            DELETE FROM seen.owner WHERE id NOT IN (SELECT id FROM public.attachment);
            """;

    static final String REMEMBERED = "CREATE SCHEMA seen; CREATE TABLE seen.owner (id bigint PRIMARY KEY, tenant text)";

    private static final String ATTACHED = """
            CASE %1$s.owner_type
                WHEN 'Site' THEN (SELECT s.id FROM site s WHERE s.id = %1$s.owner_id)
                WHEN 'Project' THEN (SELECT p.site_id FROM project p WHERE p.id::text = %1$s.owner_id)
                WHEN 'Comment' THEN (
                    SELECT p.site_id FROM comment c JOIN project p ON p.id = c.project_id WHERE c.id::text = %1$s.owner_id)
            END
            """;

    private static final String PROJECT = "(SELECT p.site_id FROM project p WHERE p.id = t.project_id)";
    private static final String COMMENT =
            "(SELECT p.site_id FROM comment c JOIN project p ON p.id = c.project_id WHERE c.id = t.comment_id)";

    /** From each table, how to reach the row that names the tenant, and the expression that does. */
    private static final Map<String, String> TENANT_OF = Map.ofEntries(
            Map.entry("site", "t.id"),
            Map.entry("app_user", "t.site_id"),
            Map.entry("project", "t.site_id"),
            Map.entry("note", "t.site_id"),
            Map.entry("tag", "t.site_id"),
            Map.entry("event", "t.site_id"),
            Map.entry("issue", PROJECT),
            Map.entry("comment", PROJECT),
            Map.entry("reaction", COMMENT),
            Map.entry("worklog", COMMENT),
            Map.entry("subscription", "(SELECT s.id FROM site s WHERE s.slug = t.slug)"),
            Map.entry("release", "(SELECT p.site_id FROM project p WHERE p.code = t.code)"),
            Map.entry(
                    "asset",
                    "(SELECT p.site_id FROM project p JOIN release r ON r.code = p.code"
                            + " WHERE r.code = t.code AND r.no = t.no)"),
            Map.entry("attachment", ATTACHED.formatted("t")),
            Map.entry(
                    "thumbnail",
                    "(SELECT " + ATTACHED.formatted("a") + " FROM attachment a WHERE a.id = t.attachment_id)"),
            Map.entry("t_a.page", "'a'"),
            Map.entry("t_a.line", "(SELECT 'a' FROM t_a.page p WHERE p.id = t.page_id)"),
            Map.entry("t_b.page", "'b'"));

    /** The same for rows that were left behind. */
    private static final Map<String, String> LAST_TENANT_OF = Map.of(
            "attachment", "(SELECT o.tenant FROM seen.owner o WHERE o.id = t.id)",
            "thumbnail", "(SELECT o.tenant FROM seen.owner o WHERE o.id = t.attachment_id)");

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
        rules.put(name("subscription"), new TableRule.ByPath(List.of("slug"), name("site"), List.of("slug")));
        rules.put(name("release"), new TableRule.ByPath(List.of("code"), name("project"), List.of("code")));
        rules.put(name("asset"), new TableRule.ByPath(List.of("code", "no"), name("release"), List.of("code", "no")));
        rules.put(
                name("attachment"),
                new TableRule.ByType(
                        "owner_type",
                        "owner_id",
                        new TreeMap<>(
                                Map.of("Site", name("site"), "Project", name("project"), "Comment", name("comment")))));
        rules.put(name("thumbnail"), new TableRule.ByPath(List.of("attachment_id"), name("attachment")));
        rules.put(name("t_a.page"), new TableRule.BySchema());
        rules.put(name("t_a.line"), new TableRule.ByPath(List.of("page_id"), name("t_a.page")));
        rules.put(name("t_b.page"), new TableRule.BySchema());
        rules.put(name("plan"), new TableRule.Shared());
        rules.put(name("marker"), new TableRule.Shared());
        return new TenancyMap(Optional.of(name("site")), Optional.of(new SchemaPattern("t_{tenant}")), rules);
    }

    static TenancyMap with(TenancyMap map, String table, TableRule rule) {
        TreeMap<TableName, TableRule> rules = new TreeMap<>(map.rules());
        rules.put(name(table), rule);
        return map.withRules(rules);
    }

    static List<String> tables() {
        return map().rules().keySet().stream().map(ShopSchema::shown).toList();
    }

    /** A table's name; without its schema where that is {@code public}. */
    static String shown(TableName table) {
        return table.schema().equals("public") ? table.name() : table.toString();
    }

    /** Says who owns attachments now, or owned them last. */
    static String remember() {
        return REMEMBER.formatted(ATTACHED.formatted("t"));
    }

    /** Every row's tenant (or NULL) and its values as one text array. */
    static String oracle(String table, List<String> columns, boolean leftBehind) {
        String values =
                String.join(", ", columns.stream().map(c -> "t." + c + "::text").toList());
        String tenant = TENANT_OF.getOrDefault(table, "'*shared*'");
        return "SELECT " + (leftBehind ? LAST_TENANT_OF.getOrDefault(table, tenant) : tenant) + " AS tenant, ARRAY["
                + values + "]::text[] AS row FROM " + name(table) + " t";
    }

    private static TableName name(String table) {
        return TableName.parse(table);
    }
}
