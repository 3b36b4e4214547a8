package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Columns that look as if they held a tenant's id although no foreign key says so: typed like the tenant's id, and named
 * after the tenant table or as the columns with a foreign key to it are.
 */
final class SoftColumns {
    /** Names of columns that say nothing about what they refer to. */
    private static final Set<String> NAMELESS = Set.of("id", "uuid", "guid", "key", "name", "code", "slug", "oid");

    /** So many foreign keys by one name make it the tenant's name. */
    private static final int ENOUGH = 3;

    /**
     * One such column.
     *
     * @param strong its name is the tenant table's; else only a name that tenants are often called, so that without a
     *     look at the data it proves nothing
     */
    record Soft(String column, boolean strong, String reason) {}

    private final Table tenantTable;
    private final String idColumn;
    private final int idType;
    private final Words tenant;
    private final Set<String> canonical = new HashSet<>();
    private final Map<Words, Set<TableName>> tablesByNoun = new HashMap<>();
    private final LogicalTables logical;

    SoftColumns(Catalogue catalogue, LogicalTables logical, Table tenantTable, String idColumn) {
        this.logical = logical;
        this.tenantTable = tenantTable;
        this.idColumn = idColumn;
        this.idType =
                tenantTable.column(idColumn).map(c -> c.column().typeOid()).orElse(0);
        this.tenant = Words.of(tenantTable.name().name());
        logical.roots().forEach(table -> {
            tablesByNoun
                    .computeIfAbsent(Words.of(table.name().name()), n -> new HashSet<>())
                    .add(table.name());
            // an application's prefix is no part of the noun
            Words name = Words.of(table.name().name());
            if (name.words().size() > 1) {
                tablesByNoun
                        .computeIfAbsent(
                                new Words(name.words().subList(1, name.words().size())), n -> new HashSet<>())
                        .add(table.name());
            }
        });
        canonicalNames(catalogue);
    }

    /** Names by which foreign keys to the tenant's id go: most of them, or those that name the tenant. */
    private void canonicalNames(Catalogue catalogue) {
        Map<String, Integer> counts = new HashMap<>();
        Set<String> ofOthers = new HashSet<>();
        for (Table table : catalogue.tables()) {
            for (ForeignKey key : table.foreignKeys()) {
                if (key.referenced().equals(tenantTable.name())
                        && !table.name().equals(tenantTable.name())
                        && key.referencedColumns().equals(List.of(idColumn))) {
                    counts.merge(key.columns().getFirst(), 1, Integer::sum);
                } else if (!key.referenced().equals(tenantTable.name())) {
                    ofOthers.addAll(key.columns());
                }
            }
        }
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        counts.forEach((column, count) -> {
            boolean usual = 2 * count > all && count >= ENOUGH && !ofOthers.contains(column);
            if (usual || namesTheTenant(column)) {
                canonical.add(column);
            }
        });
        canonical.add(tenantTable.name().name() + "_" + idColumn);
        canonical.add(idColumn);
        canonical.removeAll(NAMELESS);
    }

    /** Whether a column goes by the name under which tables refer to the tenant. */
    boolean isCanonical(String column) {
        return canonical.contains(column) || (Words.namesAKey(column) && namesTheTenant(column));
    }

    List<Soft> of(Table table) {
        if (table.name().equals(tenantTable.name())) {
            return List.of();
        }
        Set<String> referencing = new HashSet<>();
        logical.foreignKeys(table).forEach(k -> referencing.addAll(k.columns()));
        List<Soft> found = new ArrayList<>();
        for (TableColumn column : table.columns()) {
            if (KeyTypes.alike(column.column().typeOid(), idType)
                    && !column.generated()
                    && !referencing.contains(column.name())) {
                judge(column.name(), found);
            }
        }
        return found;
    }

    private void judge(String column, List<Soft> found) {
        boolean own = namesTheTenant(column);
        if (isCanonical(column) && (!own || !namesAnotherTable(Words.referredTo(column)))) {
            found.add(new Soft(
                    column,
                    true,
                    "column " + column + " is named and typed as columns that hold the id of " + tenantTable.name()
                            + ", but has no foreign key"));
        } else if (own
                || (Words.namesAKey(column)
                        && TenantNouns.meansATenant(Words.referredTo(column))
                        && !namesAnotherTable(Words.referredTo(column)))) {
            found.add(new Soft(
                    column,
                    false,
                    "column " + column + " is typed as the id of " + tenantTable.name()
                            + " and could by its name hold it, but has no foreign key"));
        }
    }

    private boolean namesTheTenant(String column) {
        Words noun = Words.referredTo(column);
        return TenantNouns.same(noun, tenant) || (noun.endOf(tenant) && !namesAnotherTable(noun));
    }

    private boolean namesAnotherTable(Words noun) {
        return tablesByNoun.getOrDefault(noun, Set.of()).stream().anyMatch(t -> !t.equals(tenantTable.name()));
    }

    /** Whether equal numbers could be chance: small integers, of which every table has the same. */
    boolean idsAreNumbers() {
        return KeyTypes.isInteger(idType);
    }
}
