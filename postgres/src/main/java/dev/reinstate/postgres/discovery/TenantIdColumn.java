package dev.reinstate.postgres.discovery;

import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The column of a table that would hold the tenant's id: the one other tables refer to, in doubt the primary key's. */
final class TenantIdColumn {
    private TenantIdColumn() {}

    static Optional<String> find(Catalogue catalogue, Table table) {
        List<String> candidates = new ArrayList<>();
        if (table.primaryKey().size() == 1) {
            candidates.add(table.primaryKey().getFirst());
        }
        table.uniqueConstraints().stream()
                .filter(u -> u.columns().size() == 1)
                .map(u -> u.columns().getFirst())
                .filter(c -> !candidates.contains(c)
                        && table.column(c).map(Table.TableColumn::notNull).orElse(false))
                .forEach(candidates::add);
        if (candidates.size() < 2) {
            return candidates.stream().findFirst();
        }
        return candidates.stream()
                .max(Comparator.comparingLong((String column) -> references(catalogue, table, column))
                        .thenComparing(
                                Comparator.comparingInt(candidates::indexOf).reversed()));
    }

    private static long references(Catalogue catalogue, Table table, String column) {
        return catalogue.tables().stream()
                .flatMap(t -> t.foreignKeys().stream())
                .filter(k -> k.referenced().equals(table.name())
                        && k.referencedColumns().equals(List.of(column)))
                .count();
    }
}
