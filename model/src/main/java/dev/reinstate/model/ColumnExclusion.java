package dev.reinstate.model;

import java.util.List;

/**
 * Columns that must never be archived.
 *
 * @param tables whose columns
 * @param columns names, in which {@code *} stands for any characters, also none; at least one
 */
public record ColumnExclusion(TablePattern tables, List<String> columns) {
    public ColumnExclusion {
        columns = List.copyOf(columns);
        if (columns.isEmpty() || columns.stream().anyMatch(String::isBlank)) {
            throw ReinstateException.invalid(
                    "An exclusion for " + tables + " that names no column",
                    "it says which columns are never archived",
                    "list their names: password_hash, *_token");
        }
    }

    /** Whether it names that column of that table. */
    public boolean names(TableName table, String column) {
        return namesColumn(column) && tables.matches(table);
    }

    /** Whether it names a column of that name in some table. */
    public boolean namesColumn(String column) {
        return columns.stream().anyMatch(pattern -> TablePattern.fits(pattern, column));
    }
}
