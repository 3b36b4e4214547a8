package dev.reinstate.e2e.proof;

import dev.reinstate.e2e.proof.ProofTable.Column;
import dev.reinstate.e2e.proof.ProofTable.Reference;
import dev.reinstate.model.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Makes up a schema in which rows belong to tenants in every way there is; the same for the same seed. */
final class SchemaGenerator {
    private static final String[] ODD = {"", "", " Odd", "\"q\"", "Ünï", ".dot", "'s"};

    private final Random random;
    private final List<ProofTable> tables = new ArrayList<>();
    private final ProofTable tenant;
    private final ProofTable shared;

    private SchemaGenerator(Random random) {
        this.random = random;
        shared = keyed("country", Kind.anyKey(random));
        tenant = keyed("tenant", Kind.anyKey(random));
        tenant.belonging = new Belonging.Tenant();
    }

    static ProofSchema generate(Random random) {
        return new SchemaGenerator(random).all();
    }

    private ProofSchema all() {
        ProofTable project = column("project", true);
        ProofTable member = column("member", random.nextBoolean());
        member.keepsKeys = true;
        member.key.addAll(random.nextBoolean() ? List.of() : List.of(tenantColumn(member)));
        selfReference(project);
        sharedReference(project);
        unique(project);
        ProofTable issue = path("issue", project, List.of("id"), true, "ON DELETE CASCADE ON UPDATE CASCADE");
        ProofTable comment = path("comment", issue, issue.key, random.nextBoolean(), cascade());
        ProofTable reaction = path("reaction", comment, comment.key, random.nextBoolean(), cascade());
        path("vote", reaction, reaction.key, false, cascade());
        path("worklog", issue, issue.key, false, action());
        outliving("attachment", random.nextBoolean() ? project : issue);
        ProofTable alias = path("alias", project, List.of("code"), false, action());
        sharedReference(alias);
        ProofTable post = column("post", true);
        post.keepsKeys = true;
        polymorphic(post, member);
        tree(post);
        partitioned();
        inheriting();
        keyless();
        schemaPerTenant();
        several(project, issue);
        tables.forEach(this::fill);
        return new ProofSchema(tenant, tables);
    }

    private ProofTable table(String schema, String name) {
        ProofTable table = new ProofTable(new TableName(schema, name + ODD[random.nextInt(ODD.length)]));
        tables.add(table);
        return table;
    }

    private ProofTable keyed(String name, Kind key) {
        ProofTable table = table("public", name);
        table.columns.add(new Column("id", key, ""));
        table.key.add("id");
        return table;
    }

    private static String tenantColumn(ProofTable table) {
        return ((Belonging.Column) table.belonging).column();
    }

    private ProofTable column(String name, boolean foreignKey) {
        ProofTable table = keyed(name, Kind.anyKey(random));
        byColumn(table, foreignKey);
        return table;
    }

    private void byColumn(ProofTable table, boolean foreignKey) {
        String column = random.nextBoolean() ? "tenant_id" : "Tenant Id";
        table.columns.add(new Column(column, tenant.kindOf("id"), " NOT NULL"));
        table.belonging = new Belonging.Column(column);
        table.references.add(new Reference(
                List.of(column),
                tenant,
                List.of("id"),
                foreignKey ? "ON DELETE CASCADE ON UPDATE CASCADE" + deferrable() : "",
                false));
    }

    private String deferrable() {
        return new String[] {"", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"}[random.nextInt(3)];
    }

    private String cascade() {
        return "ON DELETE CASCADE ON UPDATE CASCADE" + deferrable();
    }

    private String action() {
        String[] actions = {
            "ON DELETE CASCADE ON UPDATE CASCADE", "ON DELETE RESTRICT", "ON DELETE NO ACTION" + deferrable()
        };
        return actions[random.nextInt(actions.length)];
    }

    /** A table below another, its key made of the parent's and a number, or its own. */
    private ProofTable path(
            String name, ProofTable parent, List<String> parentColumns, boolean composite, String constraint) {
        ProofTable table = composite ? table("public", name) : keyed(name, Kind.anyKey(random));
        List<String> columns = new ArrayList<>();
        for (String column : parentColumns) {
            columns.add(parent.name.name().substring(0, 3) + "_" + column);
            table.columns.add(new Column(columns.getLast(), parent.kindOf(column), " NOT NULL"));
        }
        if (composite) {
            table.key.addAll(columns);
            table.columns.add(new Column("no", Kind.INT, ""));
            table.key.add("no");
        }
        table.belonging =
                new Belonging.Path(columns, parent, List.copyOf(parentColumns), parentColumns.equals(parent.key));
        table.references.add(new Reference(columns, parent, List.copyOf(parentColumns), constraint, false));
        return table;
    }

    private void outliving(String name, ProofTable parent) {
        ProofTable table = keyed(name, Kind.anyKey(random));
        List<String> columns = new ArrayList<>();
        for (String column : parent.key) {
            columns.add("of_" + column);
            table.columns.add(new Column(columns.getLast(), parent.kindOf(column), ""));
        }
        tag(table);
        table.belonging = new Belonging.Path(columns, parent, List.copyOf(parent.key), true);
        table.references.add(new Reference(
                columns, parent, List.copyOf(parent.key), "ON DELETE SET NULL ON UPDATE CASCADE" + deferrable(), true));
        path("thumbnail", table, table.key, random.nextBoolean(), cascade());
    }

    /** Rows that belong to one or the other; they outlive the one and go with the other. */
    private void several(ProofTable one, ProofTable other) {
        ProofTable table = keyed("pin", Kind.anyKey(random));
        List<Belonging.Path> paths = new ArrayList<>();
        for (ProofTable parent : List.of(one, other)) {
            List<String> columns = new ArrayList<>();
            for (String column : parent.key) {
                columns.add(parent.name.name().substring(0, 3) + "_" + column);
                table.columns.add(new Column(columns.getLast(), parent.kindOf(column), ""));
            }
            table.references.add(new Reference(
                    columns,
                    parent,
                    List.copyOf(parent.key),
                    "ON DELETE " + (parent == one ? "SET NULL" : "CASCADE") + " ON UPDATE CASCADE" + deferrable(),
                    true));
            paths.add(new Belonging.Path(columns, parent, List.copyOf(parent.key), true));
        }
        tag(table);
        table.belonging = new Belonging.Several(paths);
        path("pin_item", table, table.key, random.nextBoolean(), cascade());
    }

    private static void tag(ProofTable table) {
        table.outlivesParent = true;
        table.columns.add(new Column("tag", Kind.BIGINT, " GENERATED BY DEFAULT AS IDENTITY"));
    }

    private void polymorphic(ProofTable one, ProofTable other) {
        ProofTable table = keyed("note", Kind.anyKey(random));
        table.columns.add(new Column("on_type", Kind.TEXT, ""));
        table.columns.add(new Column("on_id", Kind.TEXT, ""));
        tag(table);
        TreeMap<String, ProofTable> parents = new TreeMap<>();
        parents.put("App\\Post", one);
        if (other.key.size() == 1) {
            parents.put("Member", other);
        }
        table.belonging = new Belonging.Type("on_type", "on_id", parents);
    }

    /** Rows that belong to rows of the same table, or to others. */
    private void tree(ProofTable root) {
        ProofTable table = keyed("reply", Kind.anyKey(random));
        table.keepsKeys = true;
        table.columns.add(new Column("on_type", Kind.TEXT, ""));
        table.columns.add(new Column("on_id", Kind.TEXT, ""));
        tag(table);
        table.belonging =
                new Belonging.Type("on_type", "on_id", new TreeMap<>(Map.of("App\\Post", root, "App\\Reply", table)));
    }

    private void partitioned() {
        ProofTable table = keyed("event", random.nextBoolean() ? Kind.INT : Kind.BIGINT);
        byColumn(table, random.nextBoolean());
        String leaf = ProofTable.quote("event part");
        switch (random.nextInt(3)) {
            case 0 -> {
                String column = tenantColumn(table);
                table.key.add(column);
                table.partitioning = " PARTITION BY LIST (" + ProofTable.quote(column) + ")";
                table.afterwards.add("CREATE TABLE " + leaf + " PARTITION OF " + table.sql() + " FOR VALUES IN ("
                        + tenant.kindOf("id").key(1) + ", "
                        + tenant.kindOf("id").key(2) + ")");
                table.afterwards.add("CREATE TABLE event_rest PARTITION OF " + table.sql() + " DEFAULT");
            }
            case 1 -> {
                // DDL makes and detaches what lies above
                String middle = table.kindOf("id").key(Kind.KEYS / 2);
                String top = table.kindOf("id").key(1000);
                table.partitioning = " PARTITION BY RANGE (id)";
                table.afterwards.add("CREATE TABLE " + leaf + " PARTITION OF " + table.sql()
                        + " FOR VALUES FROM (MINVALUE) TO (" + middle + ")");
                table.afterwards.add("CREATE TABLE event_rest PARTITION OF " + table.sql() + " FOR VALUES FROM ("
                        + middle + ") TO (" + top + ")");
                table.afterwards.add("CREATE TABLE event_top PARTITION OF " + table.sql() + " FOR VALUES FROM ("
                        + table.kindOf("id").key(1_001_000) + ") TO (MAXVALUE)");
            }
            default -> {
                table.partitioning = " PARTITION BY HASH (id)";
                for (int i = 0; i < 2; i++) {
                    table.afterwards.add("CREATE TABLE event_" + i + " PARTITION OF " + table.sql()
                            + " FOR VALUES WITH (MODULUS 2, REMAINDER " + i + ")");
                }
            }
        }
        path("event_label", table, List.copyOf(table.key), false, "ON DELETE CASCADE ON UPDATE CASCADE");
    }

    private void inheriting() {
        ProofTable document = column("document", false);
        ProofTable invoice = table("public", "invoice");
        invoice.columns.addAll(document.columns);
        invoice.key.addAll(document.key);
        invoice.belonging = document.belonging;
        invoice.references.addAll(document.references);
        invoice.partitioning = " INHERITS (" + document.sql() + ")";
    }

    private void keyless() {
        ProofTable log = table("public", "log");
        byColumn(log, false);
        if (random.nextBoolean()) {
            log.afterwards.add("ALTER TABLE " + log.sql() + " REPLICA IDENTITY FULL");
        }
    }

    private void schemaPerTenant() {
        String name = "Setting" + ODD[random.nextInt(ODD.length)];
        for (int i = 1; i <= 3; i++) {
            String id = tenant.kindOf("id").key(i);
            String text = id.substring(1, id.length() - 1);
            ProofTable table = new ProofTable(new TableName("of " + text, name));
            table.columns.add(new Column("id", Kind.INT, ""));
            table.key.add("id");
            table.belonging = new Belonging.Schema(text);
            tables.add(table);
            ProofTable child = new ProofTable(new TableName("of " + text, "choice"));
            child.columns.add(new Column("id", Kind.INT, ""));
            child.key.add("id");
            child.columns.add(new Column("setting", Kind.INT, ""));
            child.references.add(new Reference(List.of("setting"), table, List.of("id"), "ON DELETE CASCADE", true));
            child.belonging = new Belonging.Schema(text);
            tables.add(child);
        }
    }

    private void selfReference(ProofTable table) {
        String[] actions = {"ON DELETE SET NULL ON UPDATE CASCADE", "ON DELETE CASCADE ON UPDATE CASCADE" + deferrable()
        };
        table.columns.add(new Column("up", table.kindOf("id"), ""));
        table.references.add(
                new Reference(List.of("up"), table, List.of("id"), actions[random.nextInt(actions.length)], true));
    }

    private void sharedReference(ProofTable table) {
        table.columns.add(new Column("country", shared.kindOf("id"), ""));
        table.references.add(
                new Reference(List.of("country"), shared, List.of("id"), "ON DELETE SET NULL ON UPDATE CASCADE", true));
    }

    private static void unique(ProofTable table) {
        table.columns.add(new Column("code", Kind.TEXT, " NOT NULL"));
        table.uniques.add("code");
    }

    /** Columns that mean nothing, a generated one among them, and what else may differ from table to table. */
    private void fill(ProofTable table) {
        String letter = table.partitioning.startsWith(" INHERITS") ? "d" : "c";
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            table.payload.add(new Column(letter + i + ODD[random.nextInt(ODD.length)], Kind.anyPayload(random), ""));
        }
        if (random.nextInt(3) == 0) {
            String source = ProofTable.quote(table.payload.getFirst().name());
            table.columns.add(new Column(
                    "made",
                    Kind.INT,
                    " GENERATED ALWAYS AS (CASE WHEN " + source + " IS NULL THEN 0 ELSE 1 END) STORED"));
        }
        if (table.partitioning.isEmpty() && !table.isKeyless()) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    // with a generated column, only inserts are captured from PostgreSQL 18 on
                    if (table.columns.stream().noneMatch(c -> c.name().equals("made"))) {
                        table.afterwards.add("ALTER TABLE " + table.sql() + " REPLICA IDENTITY FULL");
                    }
                }
                case 1 ->
                    table.payload.forEach(c -> {
                        if (c.kind() == Kind.PROSE) {
                            table.afterwards.add("ALTER TABLE " + table.sql() + " ALTER COLUMN "
                                    + ProofTable.quote(c.name()) + " SET STORAGE EXTERNAL");
                        }
                    });
                default -> {}
            }
        }
    }
}
