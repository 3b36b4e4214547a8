package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Discovery with a look at the data: whether columns without a foreign key hold tenants' ids, how often nullable links are
 * empty, whether several ways of a table agree on the tenant, what polymorphic references refer to, and whether rows of a
 * table that looks shared are really used by several tenants. What the data contradicts is taken back and what it leaves
 * open is asked about; a table whose rows cannot be looked at is judged by the catalogue.
 *
 * <p>Reads bounded samples of pages and looks rows of other tables up by their indexes; scans no table. Writes nothing.
 */
public final class DataChecks {
    private static final String FAILURE = "Cannot look at a sample of the data";

    /** A table that was asked about takes those with it that follow it, so that they are looked at again. */
    private static final int MOST_ROUNDS = 50;

    /**
     * How much may be read.
     *
     * @param pages of each table's, at most about so many in each look
     * @param rows of each table's, at most so many in each look
     * @param statementTimeout a look that takes longer is given up
     */
    public record Limits(int pages, int rows, Duration statementTimeout) {
        public static final Limits DEFAULT = new Limits(64, 1000, Duration.ofSeconds(5));
    }

    /**
     * What came out.
     *
     * @param proposals every table's, by name
     * @param rows about how many rows tables hold, where that is known
     * @param statements how many were run
     * @param pages how many pages of tables they sampled, at most
     */
    public record Checked(List<Proposal> proposals, Map<TableName, Long> rows, int statements, long pages) {
        public Checked {
            proposals = List.copyOf(proposals);
            rows = Map.copyOf(rows);
        }
    }

    private final Connection connection;
    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Samples samples;
    private final Facts facts = new Facts();

    private DataChecks(Connection connection, Catalogue catalogue, Given given, Limits limits) {
        this.connection = connection;
        this.catalogue = catalogue;
        this.logical = new LogicalTables(catalogue);
        this.given = given;
        this.samples = new Samples(connection, catalogue, logical, limits);
    }

    /**
     * Every table's proposal after a look at the data, on a connection under auto-commit, whose settings are as before
     * afterwards. {@code INVALID} when the tenant table is unknown or has no one-column key.
     */
    public static Checked check(Connection connection, Catalogue catalogue, Given given, Limits limits) {
        String before = Query.one(connection, FAILURE, """
                SELECT string_agg(format('SET %I = %L', name, setting || coalesce(unit, '')), ';')
                  FROM pg_settings
                 WHERE name IN ('statement_timeout', 'default_transaction_read_only', 'enable_hashjoin',
                                'enable_mergejoin', 'enable_seqscan', 'max_parallel_workers_per_gather')
                """, row -> row.getString(1));
        Query.execute(
                connection, FAILURE, """
                SET default_transaction_read_only = on;
                SET enable_hashjoin = off;
                SET enable_mergejoin = off;
                SET enable_seqscan = off;
                SET max_parallel_workers_per_gather = 0;
                SET statement_timeout = %d
                """.formatted(limits.statementTimeout().toMillis()));
        try {
            return new DataChecks(connection, catalogue, given, limits).check();
        } finally {
            Query.execute(connection, FAILURE, before);
        }
    }

    private Checked check() {
        logical.roots().stream()
                .map(Table::name)
                .filter(table -> !samples.hasRows(table))
                .forEach(facts::empty);
        given.tenantSchemas()
                .flatMap(pattern -> SchemaPatterns.tenantTable(connection, catalogue, pattern))
                .filter(found ->
                        given.tenantTable().filter(found.table()::equals).isPresent())
                .ifPresent(found -> facts.tenantIdColumn(found.idColumn()));
        SoftColumnChecks columns = new SoftColumnChecks(catalogue, logical, given, samples, facts);
        columns.check();
        new TypeChecks(catalogue, logical, given, samples, facts).check();
        WayChecks ways = new WayChecks(catalogue, logical, given, samples, facts);
        SharedChecks shared = new SharedChecks(catalogue, logical, given, samples, facts);
        List<Proposal> proposals = propose();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            boolean looked = ways.check(proposals);
            if (!looked) {
                looked = shared.check(proposals);
            }
            if (!looked) {
                break;
            }
            proposals = propose();
        }
        return new Checked(
                proposals.stream().map(this::withRemarks).toList(), rows(), samples.statements(), samples.pages());
    }

    private List<Proposal> propose() {
        return new TenancyDiscovery(catalogue, logical, given, facts).propose();
    }

    private Proposal withRemarks(Proposal proposal) {
        return samples.unreadable(proposal.table())
                .map(why -> proposal.with(List.of("its rows could not be looked at: " + why), List.of()))
                .orElse(proposal);
    }

    private Map<TableName, Long> rows() {
        Map<TableName, Long> rows = new HashMap<>();
        for (Table table : catalogue.tables()) {
            samples.estimatedRows(table.name())
                    .or(() -> samples.countedRows(table.name()))
                    .ifPresent(count -> rows.put(table.name(), count));
        }
        return rows;
    }

    /** Rules of all tables, for ways that lead through them. */
    static Map<TableName, TableRule> rules(List<Proposal> proposals) {
        Map<TableName, TableRule> rules = new HashMap<>();
        proposals.forEach(proposal -> rules.put(proposal.table(), proposal.rule()));
        return rules;
    }

    /** Whether a row of the tenant table with that id exists, as an expression that is NULL when none does. */
    static String tenantExists(Table tenantTable, String idColumn, String expression) {
        String same = tenantTable.equality(idColumn).of("t." + Sql.identifier(idColumn), expression);
        return "(SELECT 1 FROM " + Sql.table(tenantTable.name()) + " t WHERE " + same + " LIMIT 1)";
    }

    /** All columns that the rules look at, each once. */
    static List<String> columns(TableRule... rules) {
        Set<String> columns = new LinkedHashSet<>();
        for (TableRule rule : rules) {
            columns.addAll(rule.ownerColumns());
        }
        return List.copyOf(columns);
    }

    /** Tables that have been looked at for a purpose, so that each is looked at once a question. */
    static final class Looked<T> {
        private final Set<T> questions = new HashSet<>();

        boolean firstTime(T question) {
            return questions.add(question);
        }
    }

    static Optional<Table> root(Catalogue catalogue, Proposal proposal) {
        return proposal.tableClass() == TableClass.PARTITION ? Optional.empty() : catalogue.table(proposal.table());
    }
}
