package dev.reinstate.restore.schema;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What tables and their columns have been called, as far as the archive and the database know.
 *
 * @param tables all names of tables, those of now included
 * @param columns names of columns by a name that their table has or had; of a table whose columns are not known, none
 * @param complete whether a table that is not among them has never been
 */
record PastNames(Set<TableName> tables, Map<TableName, Set<String>> columns, boolean complete) {
    /** @param mapped tables that the archive's tenancy map names */
    static PastNames of(Catalogue catalogue, Collection<TableName> mapped, SchemaKnowledge knowledge) {
        Set<TableName> tables = new TreeSet<>(mapped);
        Map<Integer, Set<TableName>> byOid = new HashMap<>();
        catalogue.tables().forEach(table -> tables.add(table.name()));
        for (TableVersion version : knowledge.history()) {
            tables.add(version.name());
            Set<TableName> names = byOid.computeIfAbsent(version.oid(), oid -> new HashSet<>());
            names.add(version.name());
            if (knowledge.sameStore()) {
                catalogue.table(version.oid()).map(Table::name).ifPresent(now -> {
                    names.add(now);
                    names.add(catalogue.root(now));
                });
            }
        }
        Map<TableName, Set<String>> columns = new HashMap<>();
        for (TableVersion version : knowledge.history()) {
            for (TableName name : byOid.getOrDefault(version.oid(), Set.of())) {
                version.shape()
                        .map(TableSchema::columns)
                        .ifPresent(all -> all.stream()
                                .map(Column::name)
                                .forEach(columns.computeIfAbsent(name, n -> new TreeSet<>())::add));
            }
        }
        return new PastNames(tables, columns, !knowledge.history().isEmpty() && knowledge.isWhole());
    }

    /** The columns that the table has or had under any of its names; none where that is not known for sure. */
    Set<String> columnsOf(TableName table) {
        return complete ? columns.getOrDefault(table, Set.of()) : Set.of();
    }
}
