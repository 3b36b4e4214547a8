package dev.reinstate.postgres.discovery;

import static java.util.Objects.requireNonNull;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Proposes, from the catalogue alone, which tenant each table's rows belong to. Every partition gets its root's rule.
 * Careful where it does not know: what is called shared is captured but never restored with a tenant, so a table is
 * only proposed as shared when tenants' or other shared tables refer to it, or its key is made of such references.
 */
public final class TenancyDiscovery {
    /** Tables in which migration tools keep their own books, in lower case. */
    private static final Set<String> MIGRATION_TABLES = Set.of(
            "flyway_schema_history",
            "schema_version",
            "databasechangelog",
            "databasechangeloglock",
            "schema_migrations",
            "ar_internal_metadata",
            "alembic_version",
            "django_migrations",
            "knex_migrations",
            "knex_migrations_lock",
            "_prisma_migrations",
            "goose_db_version",
            "__efmigrationshistory",
            "sequelizemeta",
            "typeorm_metadata",
            "migrations",
            "pgmigrations",
            "doctrine_migration_versions",
            "phinxlog",
            "atlas_schema_revisions");

    /**
     * What is proposed for one table.
     *
     * @param reason why, for a person, in one sentence
     * @param warnings what to look at: nullable paths, no key
     * @param alternatives other ways the rows could find a tenant, each a sentence
     */
    public record Proposal(
            TableName table, TableRule rule, String reason, List<String> warnings, List<String> alternatives) {
        public Proposal {
            warnings = List.copyOf(warnings);
            alternatives = List.copyOf(alternatives);
        }
    }

    private final Catalogue catalogue;
    private final Table tenantTable;
    private final Map<TableName, Proposal> proposals = new TreeMap<>();

    private TenancyDiscovery(Catalogue catalogue, Table tenantTable) {
        this.catalogue = catalogue;
        this.tenantTable = tenantTable;
    }

    /** Every table's proposal, by name. {@code INVALID} when the tenant table is unknown or has no one-column key. */
    public static List<Proposal> propose(Catalogue catalogue, TableName tenantTable) {
        TenancyDiscovery discovery = new TenancyDiscovery(catalogue, catalogue.require(tenantTable));
        discovery.run();
        return List.copyOf(discovery.proposals.values());
    }

    /** The map of those proposals. */
    public static TenancyMap toMap(TableName tenantTable, List<Proposal> proposals) {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        proposals.forEach(proposal -> rules.put(proposal.table(), proposal.rule()));
        return new TenancyMap(tenantTable, rules);
    }

    private void run() {
        List<Table> roots = new ArrayList<>();
        for (Table table : catalogue.tables()) {
            if (!isPartition(table) && !proposeAside(table)) {
                roots.add(table);
            }
        }
        TenantPaths paths = new TenantPaths(catalogue, tenantTable, idColumn());
        paths.find(roots).forEach((table, found) -> proposals.put(table, proposal(catalogue.require(table), found)));
        proposeShared(roots);
        roots.stream().filter(t -> !proposals.containsKey(t.name())).forEach(this::proposeUnmapped);
        catalogue.tables().stream().filter(TenancyDiscovery::isPartition).forEach(this::proposePartition);
    }

    private static boolean isPartition(Table table) {
        return table.kind() != Table.Kind.ORDINARY && !table.parents().isEmpty();
    }

    /** Tables to leave out of the search: migration tools' own, and those whose changes are never logged. */
    private boolean proposeAside(Table table) {
        if (table.name().equals(tenantTable.name())) {
            return false;
        }
        if (MIGRATION_TABLES.contains(table.name().name().toLowerCase(Locale.ROOT))) {
            put(table, new TableRule.Ignored(), "a migration tool's own table, known by its name");
            return true;
        }
        if (!table.logged()) {
            put(
                    table,
                    new TableRule.Unmapped(),
                    "the table is UNLOGGED, so nothing of it can be captured: make it LOGGED or map it as ignored");
            return true;
        }
        return false;
    }

    /** The tenant's id: the column other tables refer to, in doubt the primary key's. */
    private String idColumn() {
        List<String> candidates = new ArrayList<>();
        if (tenantTable.primaryKey().size() == 1) {
            candidates.add(tenantTable.primaryKey().getFirst());
        }
        tenantTable.uniqueConstraints().stream()
                .filter(u -> u.columns().size() == 1)
                .map(u -> u.columns().getFirst())
                .filter(c -> !candidates.contains(c)
                        && tenantTable.column(c).map(Table.TableColumn::notNull).orElse(false))
                .forEach(candidates::add);
        return candidates.stream()
                .max(Comparator.comparingLong(this::references)
                        .thenComparing(
                                Comparator.comparingInt(candidates::indexOf).reversed()))
                .orElseThrow(() -> ReinstateException.invalid(
                        tenantTable.name() + " cannot be the tenant table",
                        "it has no unique NOT NULL column that could be a tenant's id",
                        "name the table that has one row a tenant, with a key of one column"));
    }

    private long references(String column) {
        return catalogue.tables().stream()
                .flatMap(t -> t.foreignKeys().stream())
                .filter(k -> k.referenced().equals(tenantTable.name())
                        && k.referencedColumns().equals(List.of(column)))
                .count();
    }

    private Proposal proposal(Table table, TenantPaths.Found found) {
        List<String> warnings = new ArrayList<>(found.best().warnings());
        String reason = found.best().reason();
        if (!hasKey(table)) {
            reason += "; it has no primary key or other replica identity: inserts only";
            warnings.add(
                    "only its inserts can be captured: its updates and deletes carry no key, so a restore may bring"
                            + " back rows that were deleted and old values of rows that were changed");
        }
        List<String> alternatives =
                found.others().stream().map(TenantPaths.Way::reason).toList();
        return new Proposal(table.name(), found.best().rule(), reason, warnings, alternatives);
    }

    private boolean hasKey(Table table) {
        return catalogue.leaves(table.name()).stream().allMatch(Table::hasKey);
    }

    private void proposeShared(List<Table> roots) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Table table : roots) {
                Optional<String> reason =
                        proposals.containsKey(table.name()) ? Optional.empty() : sharedReason(table, roots);
                if (reason.isPresent()) {
                    put(table, new TableRule.Shared(), reason.get());
                    changed = true;
                }
            }
        }
    }

    private Optional<String> sharedReason(Table table, List<Table> roots) {
        if (refersToTenants(table).isPresent()) {
            return Optional.empty();
        }
        Optional<TableName> referrer = roots.stream()
                .filter(t -> isCaptured(proposals.get(t.name())) && !t.name().equals(table.name()))
                .filter(t -> t.foreignKeys().stream().anyMatch(k -> root(k).equals(table.name())))
                .map(Table::name)
                .findFirst();
        if (referrer.isPresent()) {
            return Optional.of("no foreign key leads from it to a tenant, and " + referrer.get()
                    + " refers to it: rows of all tenants do");
        }
        return table.foreignKeys().stream()
                .filter(k ->
                        proposals.containsKey(root(k)) && table.primaryKey().containsAll(k.columns()))
                .findFirst()
                .map(k -> "its key is made of references to " + k.referenced() + ", which is shared");
    }

    private Optional<ForeignKey> refersToTenants(Table table) {
        return table.foreignKeys().stream()
                .filter(k -> isCaptured(proposals.get(root(k)))
                        && !(requireNonNull(proposals.get(root(k))).rule() instanceof TableRule.Shared))
                .findFirst();
    }

    private static boolean isCaptured(@Nullable Proposal proposal) {
        return proposal != null
                && !(proposal.rule() instanceof TableRule.Ignored || proposal.rule() instanceof TableRule.Unmapped);
    }

    private TableName root(ForeignKey key) {
        return catalogue.table(key.referenced()).isPresent() ? catalogue.root(key.referenced()) : key.referenced();
    }

    private void proposeUnmapped(Table table) {
        String reason = refersToTenants(table)
                .map(k -> "it refers to " + k.referenced() + " by (" + String.join(", ", k.columns())
                        + "), which is not how that table's rows are known")
                .orElse("no foreign key or column leads from it to " + tenantTable.name()
                        + ", and no mapped table refers to it");
        put(table, new TableRule.Unmapped(), reason);
    }

    private void proposePartition(Table partition) {
        TableName root = catalogue.root(partition.name());
        Optional.ofNullable(proposals.get(root))
                .ifPresent(p -> proposals.put(
                        partition.name(),
                        new Proposal(
                                partition.name(),
                                p.rule() instanceof TableRule.TenantTable tenant
                                        ? new TableRule.ByColumn(tenant.idColumn())
                                        : p.rule(),
                                "partition of " + root + ": " + p.reason(),
                                p.warnings(),
                                p.alternatives())));
    }

    private void put(Table table, TableRule rule, String reason) {
        boolean insertsOnly = rule instanceof TableRule.Shared && !hasKey(table);
        proposals.put(
                table.name(),
                new Proposal(
                        table.name(),
                        rule,
                        insertsOnly
                                ? reason + "; it has no primary key or other replica identity: inserts only"
                                : reason,
                        List.of(),
                        List.of()));
    }

    /** Names of tables that a person must decide about. */
    public static Set<TableName> unmapped(List<Proposal> proposals) {
        Set<TableName> unmapped = new HashSet<>();
        proposals.stream().filter(p -> p.rule() instanceof TableRule.Unmapped).forEach(p -> unmapped.add(p.table()));
        return Set.copyOf(unmapped);
    }
}
