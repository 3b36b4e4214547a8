package dev.reinstate.model;

import java.util.List;

/** How the rows of one table find their tenant. */
public sealed interface TableRule {
    /** The tenant table itself: one row a tenant, whose id is this column. */
    record TenantTable(String idColumn) implements TableRule {}

    /** A column holds the tenant's id. */
    record ByColumn(String column) implements TableRule {}

    /**
     * A row belongs where its parent row belongs.
     *
     * @param columns this table's referencing columns, in the order of the parent's row key
     * @param parent a table with a rule of its own that ends at a tenant
     */
    record ByPath(List<String> columns, TableName parent) implements TableRule {
        public ByPath {
            columns = List.copyOf(columns);
        }
    }

    /** Rows belong to no tenant and to all. Captured, never written by the restore of a tenant. */
    record Shared() implements TableRule {}

    /** Not captured, by decision. */
    record Ignored() implements TableRule {}

    /** No rule could be found; nothing goes on before a person decides, unless told so by name. */
    record Unmapped() implements TableRule {}
}
