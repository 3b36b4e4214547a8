package dev.reinstate.postgres.discovery;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Proposes, from the catalogue and from what {@link DataChecks} saw, which tenant each table's rows belong to. Every
 * partition and every child by inheritance gets its root's rule. Careful where it does not know: a table that could be
 * one tenant's or another's is asked about, because a wrong answer that nobody was asked for is the worst outcome.
 */
public final class TenancyDiscovery {
    private static final String INSERTS_ONLY = "it has no primary key or other replica identity: inserts only";

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Facts facts;
    private final boolean supposing;
    private final Map<TableName, Proposal> proposals = new TreeMap<>();

    TenancyDiscovery(Catalogue catalogue, LogicalTables logical, Given given, Facts facts) {
        this(catalogue, logical, given, facts, false);
    }

    private TenancyDiscovery(Catalogue catalogue, LogicalTables logical, Given given, Facts facts, boolean supposing) {
        this.catalogue = catalogue;
        this.logical = logical;
        this.given = given;
        this.facts = facts;
        this.supposing = supposing;
    }

    /** Every table's proposal, by name. {@code INVALID} when the tenant table is unknown or has no one-column key. */
    public static List<Proposal> propose(Catalogue catalogue, TableName tenantTable) {
        return propose(catalogue, Given.tenantTable(tenantTable));
    }

    /**
     * Every table's proposal, by name, from the catalogue alone. {@code INVALID} when the tenant table is unknown or has
     * no one-column key.
     */
    public static List<Proposal> propose(Catalogue catalogue, Given given) {
        return new TenancyDiscovery(catalogue, new LogicalTables(catalogue), given, new Facts()).propose();
    }

    /**
     * Every table's proposal, as if those that a person is asked about took their cheapest way: shows what a way through
     * one of them would say of rows whose own table is not asked about.
     */
    static List<Proposal> suppose(Catalogue catalogue, LogicalTables logical, Given given, Facts facts) {
        return new TenancyDiscovery(catalogue, logical, given, facts, true).propose();
    }

    /** The map of those proposals. */
    public static TenancyMap toMap(TableName tenantTable, List<Proposal> proposals) {
        return toMap(Given.tenantTable(tenantTable), proposals);
    }

    /** The map of those proposals. */
    public static TenancyMap toMap(Given given, List<Proposal> proposals) {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        proposals.forEach(proposal -> rules.put(proposal.table(), proposal.rule()));
        return new TenancyMap(given.tenantTable(), given.tenantSchemas(), rules);
    }

    /** Names of tables that a person must decide about. */
    public static Set<TableName> unmapped(List<Proposal> proposals) {
        Set<TableName> unmapped = new HashSet<>();
        proposals.stream().filter(Proposal::isAsked).forEach(p -> unmapped.add(p.table()));
        return Set.copyOf(unmapped);
    }

    List<Proposal> propose() {
        Optional<Table> tenantTable = given.tenantTable().map(catalogue::require);
        List<Table> searched = new ArrayList<>();
        List<Table> ofSchemas = new ArrayList<>();
        Set<String> tenantSchemas = given.tenantSchemas()
                .map(pattern -> SchemaPatterns.schemas(catalogue, pattern))
                .orElse(Set.of());
        for (Table table : logical.roots()) {
            boolean isTenantTable =
                    given.tenantTable().filter(table.name()::equals).isPresent();
            if (isTenantTable || !proposeAside(table)) {
                boolean ofSchema = !isTenantTable
                        && tenantSchemas.contains(table.name().schema())
                        && !given.decided().containsKey(table.name());
                (ofSchema ? ofSchemas : searched).add(table);
            }
        }
        SchemaTables.propose(given, ofSchemas).forEach(proposal -> proposals.put(proposal.table(), proposal));
        proposeTemplates(searched, ofSchemas, tenantSchemas.size());
        Map<TableName, TenantPaths.Found> found = ways(tenantTable, searched, supposing);
        Map<TableName, TenantPaths.Found> supposed = supposing ? found : ways(tenantTable, searched, true);
        found.forEach((table, ways) ->
                ways.best().ifPresent(way -> proposals.put(table, proposal(catalogue.require(table), way, ways))));
        SharedTables shared = new SharedTables(logical, facts, proposals);
        shared.propose(Stream.concat(ofSchemas.stream(), searched.stream())
                .filter(table -> !supposed.containsKey(table.name()) || proposals.containsKey(table.name()))
                .toList());
        searched.stream()
                .filter(table -> !proposals.containsKey(table.name()))
                .forEach(table -> proposals.put(
                        table.name(), unmapped(table, Optional.ofNullable(found.get(table.name())), shared)));
        logical.roots().forEach(root -> logical.parts(root.name()).forEach(part -> proposePart(root, part)));
        return proposals.values().stream().map(facts::applyTo).toList();
    }

    /** Empty tables that most tenants' schemas have too: tenants' tables are copied from them. */
    private void proposeTemplates(List<Table> searched, List<Table> ofSchemas, int schemas) {
        Map<String, Integer> copies = new TreeMap<>();
        ofSchemas.forEach(table -> copies.merge(table.name().name(), 1, Integer::sum));
        searched.removeIf(table -> {
            boolean template = facts.isEmpty(table.name())
                    && !given.decided().containsKey(table.name())
                    && 2 * copies.getOrDefault(table.name().name(), 0) > schemas;
            if (template) {
                proposals.put(
                        table.name(),
                        Proposal.of(
                                table.name(),
                                new TableRule.Ignored(),
                                "it is empty and tenants' schemas have the same table: it is their template"));
            }
            return template;
        });
    }

    private String idColumn(Table tenantTable) {
        return tenantIdColumn(tenantTable)
                .orElseThrow(() -> ReinstateException.invalid(
                        tenantTable.name() + " cannot be the tenant table",
                        "it has no unique NOT NULL column that could be a tenant's id",
                        "name the table that has one row a tenant, with a key of one column"));
    }

    Optional<String> tenantIdColumn(Table tenantTable) {
        return given.decided().get(tenantTable.name()) instanceof TableRule.TenantTable decided
                ? Optional.of(decided.idColumn())
                : facts.tenantIdColumn()
                        .or(() -> given.tenantSchemas().flatMap(pattern -> TenantIdColumn.ofSchemas(tenantTable)))
                        .or(() -> TenantIdColumn.find(catalogue, tenantTable));
    }

    private Map<TableName, TenantPaths.Found> ways(
            Optional<Table> tenantTable, List<Table> searched, boolean supposing) {
        Optional<String> idColumn = tenantTable.map(this::idColumn);
        Optional<SoftColumns> softColumns =
                tenantTable.map(table -> new SoftColumns(catalogue, logical, table, idColumn.orElseThrow()));
        TenantPaths paths = new TenantPaths(catalogue, logical, softColumns, facts, searched, supposing);
        tenantTable.ifPresent(table -> paths.tenantTable(table.name(), idColumn.orElseThrow()));
        Set<TableName> names = searched.stream().map(Table::name).collect(Collectors.toSet());
        given.decided().forEach((table, rule) -> {
            if (names.contains(table)
                    && !given.tenantTable().filter(table::equals).isPresent()) {
                paths.decide(table, rule);
            }
        });
        return paths.find();
    }

    /** Tables to leave out of the search: known by their names, and those whose changes are never logged. */
    private boolean proposeAside(Table table) {
        if (given.decided().containsKey(table.name())) {
            return false;
        }
        Optional<String> aside = SetAside.reason(table, catalogue);
        if (aside.isPresent()) {
            proposals.put(table.name(), Proposal.of(table.name(), new TableRule.Ignored(), aside.get()));
        } else if (!table.logged()) {
            proposals.put(
                    table.name(),
                    Proposal.of(
                            table.name(),
                            new TableRule.Unmapped(),
                            "the table is UNLOGGED, so nothing of it can be captured: make it LOGGED or map it as"
                                    + " ignored"));
        }
        return proposals.containsKey(table.name());
    }

    private Proposal proposal(Table table, TenantPaths.Way way, TenantPaths.Found ways) {
        List<String> warnings = new ArrayList<>(way.warnings());
        String reason = way.reason();
        if (!hasKey(table) && way.rule().isOwned()) {
            reason += "; " + INSERTS_ONLY;
            warnings.add(
                    "only its inserts can be captured: its updates and deletes carry no key, so a restore may bring"
                            + " back rows that were deleted and old values of rows that were changed");
        }
        return new Proposal(
                table.name(),
                TableClass.of(way.rule()),
                way.rule(),
                reason,
                warnings,
                ways.others().stream().map(TenantPaths.Way::asAlternative).toList(),
                List.of());
    }

    private boolean hasKey(Table table) {
        return catalogue.leaves(table.name()).stream().allMatch(Table::hasKey);
    }

    private Proposal unmapped(Table table, Optional<TenantPaths.Found> ways, SharedTables shared) {
        List<Proposal.Alternative> alternatives = ways.stream()
                .flatMap(found -> found.others().stream())
                .map(TenantPaths.Way::asAlternative)
                .toList();
        String reason = facts.asked(table.name())
                .or(() -> alternatives.stream()
                        .findFirst()
                        .map(first -> "not certain whose its rows are: " + first.reason()))
                .or(() -> shared.refersToTenants(table)
                        .map(k -> "it refers to " + k.referenced() + " by (" + String.join(", ", k.columns())
                                + "), which is not how that table's rows are known"))
                .or(() -> facts.typesMissing(table.name()))
                .or(() -> shared.doubt(table.name()))
                .or(() -> followsOneAskedAbout(table))
                .orElseGet(() -> "no foreign key or column leads from it to "
                        + given.tenantTable().map(TableName::toString).orElse("a tenant")
                        + ", and no mapped table refers to it");
        return new Proposal(
                table.name(),
                TableClass.UNMAPPED,
                new TableRule.Unmapped(),
                reason,
                List.of(),
                alternatives,
                List.of());
    }

    private Optional<String> followsOneAskedAbout(Table table) {
        return logical.foreignKeys(table).stream()
                .filter(key -> Optional.ofNullable(proposals.get(logical.rootOf(key.referenced())))
                        .filter(parent -> parent.isAsked() && !parent.table().equals(table.name()))
                        .isPresent())
                .findFirst()
                .map(key -> "it refers to " + key.referenced() + " by (" + String.join(", ", key.columns())
                        + "), of which it is open whose its rows are: decide about that table first");
    }

    private void proposePart(Table root, Table part) {
        Proposal whole = proposals.get(root.name());
        if (whole == null) {
            return;
        }
        List<TableName> roots = logical.knownParents(part).stream()
                .map(logical::rootOf)
                .distinct()
                .toList();
        boolean agree = roots.stream()
                .allMatch(other -> Optional.ofNullable(proposals.get(other))
                        .filter(p -> p.rule().equals(whole.rule()))
                        .isPresent());
        TableRule rule = !agree
                ? new TableRule.Unmapped()
                : whole.rule() instanceof TableRule.TenantTable tenant
                        ? new TableRule.ByColumn(tenant.idColumn())
                        : whole.rule();
        String kind = part.kind() == Table.Kind.ORDINARY ? "inherits from " : "partition of ";
        proposals.put(
                part.name(),
                new Proposal(
                        part.name(),
                        TableClass.PARTITION,
                        rule,
                        agree
                                ? kind + root.name() + ": " + whole.reason()
                                : "it inherits from several tables, which have different rules: " + Counted.some(roots),
                        whole.warnings(),
                        whole.alternatives(),
                        List.of()));
    }
}
