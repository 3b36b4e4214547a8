package dev.reinstate.postgres.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A made-up multi-tenant schema with rows, of which it is known whose each is: every way of hanging on a tenant, and next
 * to them the traps, whose names, types and values look like one. Tables are called {@code t1} and so on, their keys are
 * {@code id}, and row {@code i} of a tenants' table is tenant {@code i % tenants + 1}'s.
 */
final class RandomSchema {
    /** What is true of a table's rows. */
    enum Truth {
        /** Row i is tenant i % tenants + 1's. */
        OF_TENANTS,
        /** Used by all tenants. */
        SHARED,
        /** No row can be said to be one tenant's: nobody's, or that of several. */
        UNDECIDABLE
    }

    private record Made(String name, boolean nullableWay) {}

    private static final List<String> TENANT_TABLES = List.of("accounts", "organizations", "Workspace", "tbl_company");

    private final Random random;
    private final StringBuilder sql = new StringBuilder("SET search_path = public;\n");
    private final Map<String, Truth> truths = new TreeMap<>();
    private final List<Made> owned = new ArrayList<>();
    private final List<String> shared = new ArrayList<>();
    private final boolean textIds;
    private final String tenantColumn;
    final String tenantTable;
    final int tenants;
    private int count;

    RandomSchema(long seed) {
        random = new Random(seed);
        tenants = 3 + random.nextInt(3);
        textIds = random.nextBoolean();
        tenantTable = pick(TENANT_TABLES);
        tenantColumn = switch (tenantTable) {
            case "accounts" -> "account_id";
            case "organizations" -> "organization_id";
            case "Workspace" -> "workspaceId";
            default -> "company_id";
        };
        add("CREATE TABLE \"%s\" (id %s PRIMARY KEY, name text)".formatted(tenantTable, type()));
        add("INSERT INTO \"%s\" SELECT %s FROM generate_series(1, %d) i"
                .formatted(tenantTable, tenantId("i"), tenants));
        for (int i = 0; i < 4; i++) {
            byForeignKey();
        }
        sharedTable();
        int more = 8 + random.nextInt(16);
        for (int i = 0; i < more; i++) {
            switch (random.nextInt(14)) {
                case 0 -> byForeignKey();
                case 1 -> byName();
                case 2, 3 -> byPath();
                case 4 -> byPaths();
                case 5 -> byType();
                case 6 -> sharedTable();
                case 7 -> contested();
                case 8 -> eitherOr();
                case 9 -> ownPart();
                case 10 -> otherMeaning();
                case 11 -> madeBy();
                case 12 -> listWithExamples();
                default -> transfer();
            }
        }
    }

    String sql() {
        return sql.toString();
    }

    /** By table, all but the tenant table. */
    Map<String, Truth> truths() {
        return truths;
    }

    /** The id of row i's tenant, as an expression. */
    String tenantOf(String row) {
        return tenantId("(1 + " + row + " % " + tenants + ")");
    }

    private String tenantId(String number) {
        return textIds ? "'ck' || " + number : number;
    }

    private String type() {
        return textIds ? "text" : "bigint";
    }

    private <T> T pick(List<T> things) {
        return things.get(random.nextInt(things.size()));
    }

    private void add(String statement) {
        sql.append(statement).append(";\n");
    }

    private String next(Truth truth) {
        String name = "t" + ++count;
        truths.put(name, truth);
        return name;
    }

    private void fill(String table, String columns, String values) {
        add("INSERT INTO %s (id%s) SELECT i%s FROM generate_series(1, 60) i".formatted(table, columns, values));
    }

    private void byForeignKey() {
        String table = next(Truth.OF_TENANTS);
        boolean nullable = random.nextInt(4) == 0;
        add("CREATE TABLE %s (id bigint PRIMARY KEY, \"%s\" %s %s REFERENCES \"%s\")"
                .formatted(table, tenantColumn, type(), nullable ? "" : "NOT NULL", tenantTable));
        fill(
                table,
                ", \"" + tenantColumn + "\"",
                ", " + (nullable ? "CASE WHEN i % 7 > 0 THEN " + tenantOf("i") + " END" : tenantOf("i")));
        owned.add(new Made(table, nullable));
    }

    private void byName() {
        String table = next(Truth.OF_TENANTS);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, \"%s\" %s NOT NULL)".formatted(table, tenantColumn, type()));
        fill(table, ", \"" + tenantColumn + "\"", ", " + tenantOf("i"));
        owned.add(new Made(table, false));
    }

    private void byPath() {
        String table = next(Truth.OF_TENANTS);
        Made parent = pick(owned);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, %2$s_id bigint NOT NULL REFERENCES %2$s)"
                .formatted(table, parent.name()));
        fill(table, ", " + parent.name() + "_id", ", i");
        owned.add(new Made(table, parent.nullableWay()));
    }

    /** Two parents of the same tenant, one of them shared besides. */
    private void byPaths() {
        String table = next(Truth.OF_TENANTS);
        Made one = pick(owned);
        Made other = pick(owned);
        String lookup = pick(shared);
        add(
                ("CREATE TABLE %s (id bigint PRIMARY KEY, a_id bigint NOT NULL REFERENCES %s, b_id bigint NOT NULL REFERENCES %s,"
                                + " c_id bigint NOT NULL REFERENCES %s)")
                        .formatted(table, one.name(), other.name(), lookup));
        fill(table, ", a_id, b_id, c_id", ", i, 1 + (i - 1 + " + tenants + ") % 60, 1 + (i / 7) % 2");
        if (60 % tenants != 0) {
            add("UPDATE %s SET b_id = id".formatted(table));
        }
        owned.add(new Made(table, one.nullableWay() || other.nullableWay()));
    }

    private void byType() {
        String table = next(Truth.OF_TENANTS);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, subject_type text NOT NULL, subject_id bigint NOT NULL)"
                .formatted(table));
        fill(
                table,
                ", subject_type, subject_id",
                ", CASE WHEN i > 30 THEN '" + pick(owned).name().toUpperCase(Locale.ROOT) + "' ELSE '"
                        + pick(owned).name() + "' END, i");
    }

    private void sharedTable() {
        String table = next(Truth.SHARED);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, label text)".formatted(table));
        add("INSERT INTO %s VALUES (1, 'a'), (2, 'b')".formatted(table));
        Made user = pick(owned);
        add("ALTER TABLE %s ADD %s_id bigint REFERENCES %2$s".formatted(user.name(), table));
        add("UPDATE %s SET %s_id = 1 + (id / %d) %% 2".formatted(user.name(), table, 5 + count % 7));
        shared.add(table);
    }

    /** Two parents, of different tenants in some rows. */
    private void contested() {
        String table = next(Truth.UNDECIDABLE);
        add(
                "CREATE TABLE %s (id bigint PRIMARY KEY, a_id bigint NOT NULL REFERENCES %s, b_id bigint NOT NULL REFERENCES %s)"
                        .formatted(table, pick(owned).name(), pick(owned).name()));
        fill(table, ", a_id, b_id", ", i, CASE WHEN i BETWEEN 20 AND 40 THEN i + 1 ELSE i END");
    }

    /** One parent or another. */
    private void eitherOr() {
        String table = next(Truth.OF_TENANTS);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, a_id bigint REFERENCES %s, b_id bigint REFERENCES %s)"
                .formatted(table, pick(owned).name(), pick(owned).name()));
        fill(table, ", a_id, b_id", ", CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 2 = 1 THEN i END");
    }

    /** What one tenant's rows refer to: its own, though nothing leads from it to the tenant. */
    private void ownPart() {
        String table = next(Truth.OF_TENANTS);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, street text)".formatted(table));
        fill(table, "", "");
        Made user = pick(owned);
        add("ALTER TABLE %s ADD %s_id bigint REFERENCES %2$s".formatted(user.name(), table));
        add("UPDATE %s SET %s_id = id".formatted(user.name(), table));
    }

    /** A column that by its name or its values could be the tenant's and is something else. */
    private void otherMeaning() {
        String table = next(Truth.UNDECIDABLE);
        if (random.nextBoolean()) {
            add("CREATE TABLE %s (id bigint PRIMARY KEY, team_id bigint NOT NULL)".formatted(table));
            fill(table, ", team_id", ", 1 + i % 3");
        } else {
            add("CREATE TABLE %s (id bigint PRIMARY KEY, \"%s\" %s NOT NULL)".formatted(table, tenantColumn, type()));
            fill(table, ", \"" + tenantColumn + "\"", ", " + tenantId("(1000 + i)"));
        }
    }

    /** Rows of nobody that a tenant's people made. */
    private void madeBy() {
        String table = next(Truth.UNDECIDABLE);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, created_by_id bigint NOT NULL REFERENCES %s)"
                .formatted(table, pick(owned).name()));
        fill(table, ", created_by_id", ", i");
    }

    /** A list for all, whose rows name a tenant's row as their example. */
    private void listWithExamples() {
        String table = next(Truth.UNDECIDABLE);
        add("CREATE TABLE %s (id bigint PRIMARY KEY, example_id bigint NOT NULL REFERENCES %s)"
                .formatted(table, pick(owned).name()));
        add("INSERT INTO %s VALUES (1, 1), (2, 2)".formatted(table));
        Made user = pick(owned);
        add("ALTER TABLE %s ADD %s_id bigint REFERENCES %2$s".formatted(user.name(), table));
        add("UPDATE %s SET %s_id = 1 + (id / %d) %% 2".formatted(user.name(), table, 5 + count % 7));
    }

    /** From one tenant to another. */
    private void transfer() {
        String table = next(Truth.UNDECIDABLE);
        add(
                "CREATE TABLE %s (id bigint PRIMARY KEY, from_ref %s NOT NULL REFERENCES \"%s\", to_ref %2$s NOT NULL REFERENCES \"%3$s\")"
                        .formatted(table, type(), tenantTable));
        fill(table, ", from_ref, to_ref", ", " + tenantOf("i") + ", " + tenantOf("(i + 1)"));
    }
}
