package dev.reinstate.capture.source;

import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.replication.Publications;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The store's tables at one moment, and the tenancy map with the rules that partitions inherit.
 *
 * @param catalogue what there is, without excluded columns and what cannot be captured without them
 * @param rules what people decided
 * @param map what follows for these tables
 * @param refused tables that are not captured, since columns are excluded by which their rows are known: these
 */
public record SourceTables(
        Catalogue catalogue, TenancyRules rules, TenancyMap map, Map<TableName, List<String>> refused) {
    public SourceTables {
        refused = Map.copyOf(refused);
    }

    /**
     * A table that is not protected as others are.
     *
     * @param reason for a person, what it is and what follows from it
     */
    public record Unprotected(TableName table, String reason) {}

    /** What those rules say of the tables there are. */
    public static SourceTables of(Catalogue catalogue, TenancyRules rules) {
        TenancyMap map = rules.resolve(catalogue.members());
        ExcludedColumns excluded = new ExcludedColumns(rules);
        Map<TableName, List<String>> refused = excluded.refused(catalogue, map);
        return new SourceTables(excluded.without(catalogue, refused), rules, map, refused);
    }

    /** Tables that hold captured rows: tenants' first, every table after the one its path leads to, then shared ones. */
    public List<Table> captured() {
        Set<TableName> names = new LinkedHashSet<>(map.tenantTablesParentsFirst());
        names.addAll(map.capturedTables());
        // a partitioned table's leaves come in its place, so that rows that belong to theirs come after them
        Set<Table> tables = new LinkedHashSet<>();
        names.stream()
                .filter(name -> catalogue.table(name).isPresent())
                .flatMap(name -> catalogue.leaves(name).stream())
                .filter(table ->
                        names.contains(table.name()) && !table.columns().isEmpty())
                .forEach(tables::add);
        return List.copyOf(tables);
    }

    public List<TableSchema> shapes() {
        return captured().stream().map(Table::toSchema).toList();
    }

    public Ownership ownership() {
        Map<TableName, Ownership.Root> roots = new HashMap<>();
        for (Table table : captured()) {
            TableName root = catalogue.root(table.name());
            if (!root.equals(table.name())) {
                roots.put(
                        table.name(), new Ownership.Root(catalogue.require(root).oid(), root));
            }
        }
        return new Ownership(map, shapes(), roots);
    }

    /**
     * Whether every table that writes to the log is in a publication. For a moment one may not be; what follows from that is
     * told by its next membership.
     */
    public boolean arePublished() {
        return captured().stream().allMatch(SourceTables::isFollowed);
    }

    /** Whether the stream has what the log has of the table: it is in a publication, or writes nothing to the log. */
    public static boolean isFollowed(Table table) {
        return !table.logged() || !table.storage().memberships().isEmpty();
    }

    /** What should be published: captured tables that exist and write to the log. */
    public Publications.Wanted publications() {
        return Publications.plan(
                catalogue,
                captured().stream().filter(Table::logged).map(Table::name).toList());
    }

    /** Tables whose loss could not be made good completely, or at all. */
    public List<Unprotected> unprotected() {
        List<Unprotected> unprotected = new ArrayList<>();
        for (Table table : captured()) {
            reason(table).ifPresent(reason -> unprotected.add(new Unprotected(table.name(), reason)));
        }
        for (Table table : catalogue.tables()) {
            TableRule rule = map.rules().get(table.name());
            if (rule == null) {
                unprotected.add(new Unprotected(
                        table.name(),
                        "no rule fits it, so it is not captured; `reinstate init --check` says which it could have"));
            } else if (rule instanceof TableRule.Unmapped) {
                unprotected.add(new Unprotected(
                        table.name(), "unmapped: no way from its rows to a tenant is known; give it a rule"));
            }
        }
        refused.forEach((name, columns) -> unprotected.add(new Unprotected(
                name, "not captured: excluded is what its rows are known by: " + String.join(", ", columns))));
        map.capturedTables().stream()
                .filter(name -> catalogue.table(name).isEmpty() && !refused.containsKey(name))
                .forEach(name -> unprotected.add(new Unprotected(name, "gone from the database")));
        return unprotected;
    }

    private Optional<String> reason(Table table) {
        if (!table.logged()) {
            return Optional.of("unlogged: its rows are never written to the log");
        }
        if (!table.hasKey()) {
            return Optional.of("no usable replica identity: only inserts are captured; give it a primary key");
        }
        List<String> columns =
                map.rule(table.name()).map(TableRule::ownerColumns).orElse(List.of());
        return columns.stream()
                .filter(column -> table.column(column).isEmpty())
                .findFirst()
                .map(column -> "its column " + column + ", which names the tenant, is gone: rows are kept unattributed")
                .or(() -> goneParentColumn(table.name()));
    }

    private Optional<String> goneParentColumn(TableName table) {
        return map.rule(table).stream()
                .flatMap(rule -> rule.paths().stream())
                .flatMap(path -> catalogue
                        .table(path.parent())
                        .flatMap(parent -> path.parentColumns().stream()
                                .filter(column -> parent.column(column).isEmpty())
                                .findFirst()
                                .map(column -> "column " + column + " of " + parent.name()
                                        + ", which leads to the tenant, is gone: rows are kept unattributed"))
                        .stream())
                .findFirst();
    }
}
