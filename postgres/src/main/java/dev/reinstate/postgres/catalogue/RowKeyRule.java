package dev.reinstate.postgres.catalogue;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * By which columns a table's rows are known. The primary key when the log tells its columns of old rows, else the
 * replica identity's index. Under FULL, where the log tells everything, any unique index over NOT NULL columns does;
 * without one equal rows could not be kept apart, so the table counts as having no key.
 */
record RowKeyRule(List<String> primaryKey, List<String> identityColumns, List<String> rowKey) {
    /** @param generatedRefused whether users' writes fail where an identity has a generated column and is published */
    static RowKeyRule of(
            Table.Identity identity,
            List<Table.TableColumn> columns,
            List<UniqueIndex> indexes,
            boolean generatedRefused) {
        Optional<UniqueIndex> primary =
                indexes.stream().filter(UniqueIndex::primary).findFirst();
        List<String> primaryKey = primary.map(UniqueIndex::columns).orElse(List.of());
        List<String> identityColumns = switch (identity) {
            // the server does not take a deferrable primary key for an identity
            case DEFAULT ->
                primary.filter(UniqueIndex::immediate).map(UniqueIndex::columns).orElse(List.of());
            case INDEX ->
                indexes.stream()
                        .filter(UniqueIndex::replicaIdentity)
                        .findFirst()
                        .map(UniqueIndex::columns)
                        .orElse(List.of());
            case FULL ->
                columns.stream()
                        .filter(c -> !c.generated())
                        .map(Table.TableColumn::name)
                        .toList();
            case NOTHING -> List.of();
        };
        List<String> rowKey = rowKey(identity, primaryKey, identityColumns, columns, indexes);
        // the stream leaves generated columns out, also those of a key
        boolean wholeRowRefused = identity == Table.Identity.FULL && generatedRefused;
        boolean told = columns.stream().noneMatch(c -> c.generated() && (wholeRowRefused || rowKey.contains(c.name())));
        return new RowKeyRule(primaryKey, identityColumns, told ? rowKey : List.of());
    }

    private static List<String> rowKey(
            Table.Identity identity,
            List<String> primaryKey,
            List<String> identityColumns,
            List<Table.TableColumn> columns,
            List<UniqueIndex> indexes) {
        if (!primaryKey.isEmpty() && new HashSet<>(identityColumns).containsAll(primaryKey)) {
            return primaryKey;
        }
        return identity == Table.Identity.FULL ? anyUnique(columns, indexes) : identityColumns;
    }

    private static List<String> anyUnique(List<Table.TableColumn> columns, List<UniqueIndex> indexes) {
        Set<String> notNull = new HashSet<>();
        columns.stream().filter(c -> c.notNull() && !c.generated()).forEach(c -> notNull.add(c.name()));
        return indexes.stream()
                .filter(index -> index.immediate() && notNull.containsAll(index.columns()))
                .min(Comparator.comparing(UniqueIndex::name))
                .map(UniqueIndex::columns)
                .orElse(List.of());
    }
}
