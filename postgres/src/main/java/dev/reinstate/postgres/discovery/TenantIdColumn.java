package dev.reinstate.postgres.discovery;

import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The column of a table that would hold the tenant's id: the one other tables refer to, in doubt the primary key's; where
 * tenants have schemas, the one that by its name holds the schema's.
 */
final class TenantIdColumn {
    private static final List<String> SCHEMA_COLUMNS =
            List.of("schema_name", "schemaName", "schema", "db_schema", "tenant_schema", "subdomain", "database");

    private TenantIdColumn() {}

    static Optional<String> find(Catalogue catalogue, Table table) {
        List<String> candidates = candidates(table);
        return candidates.size() < 2
                ? candidates.stream().findFirst()
                : candidates.stream()
                        .max(Comparator.comparingLong((String column) -> references(catalogue, table, column))
                                .thenComparing(Comparator.<String>comparingInt(candidates::indexOf)
                                        .reversed()));
    }

    /** The column that by its name holds the name of the tenant's schema or what of it tells the tenant. */
    static Optional<String> ofSchemas(Table table) {
        List<String> candidates = candidates(table);
        return SCHEMA_COLUMNS.stream().filter(candidates::contains).findFirst();
    }

    /** Unique NOT NULL columns, the primary key's first. */
    static List<String> candidates(Table table) {
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
        return candidates;
    }

    private static long references(Catalogue catalogue, Table table, String column) {
        return catalogue.tables().stream()
                .flatMap(t -> t.foreignKeys().stream())
                .filter(k -> k.referenced().equals(table.name())
                        && k.referencedColumns().equals(List.of(column)))
                .count();
    }
}
