package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.PathColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How rows of a table name rows that they belong to, where no foreign key sees to it that those are there.
 *
 * @param table whose rows
 * @param columns what they name a parent by
 * @param types texts of the type column, one of which must stand beside; empty without such a column
 * @param sooner columns of paths that come before: where all of one are set, rows name what that one leads to
 * @param parent whose rows are named, of a partitioned table its root
 * @param parentColumns by which of their columns
 */
record LooseReference(
        TableName table,
        List<String> columns,
        Optional<Types> types,
        List<List<String>> sooner,
        TableName parent,
        List<String> parentColumns) {
    /** The texts by which a column names that table. */
    record Types(String column, List<String> texts) {}

    static List<LooseReference> of(TargetTables target, TableName table) {
        TableRule rule = target.rule(table);
        List<LooseReference> references = new ArrayList<>();
        if (rule instanceof TableRule.ByPaths several) {
            for (TableRule.ByPath path : several.paths()) {
                LooseReference reference = to(path, several.sooner(path), table, target);
                if (!target.isBound(table, reference.columns())
                        && reference.columns().size()
                                == reference.parentColumns().size()) {
                    references.add(reference);
                }
            }
        } else if (!target.isBound(table)) {
            for (TableName parent : rule.parents()) {
                LooseReference reference = to(parent, rule, table, target);
                if (reference.columns().size() == reference.parentColumns().size()) {
                    references.add(reference);
                }
            }
        }
        return references;
    }

    private static LooseReference to(TableName parent, TableRule rule, TableName table, TargetTables target) {
        List<String> key = target.keyOf(parent);
        if (rule instanceof TableRule.ByType type) {
            Types types = new Types(type.typeColumn(), type.textsOf(parent));
            return new LooseReference(
                    table, List.of(type.idColumn()), Optional.of(types), List.of(), target.root(parent), key);
        }
        return to(rule.paths().getFirst(), List.of(), table, target);
    }

    private static LooseReference to(
            TableRule.ByPath path, List<List<String>> sooner, TableName table, TargetTables target) {
        List<String> parentColumns =
                path.parentColumns().isEmpty() ? target.keyOf(path.parent()) : path.parentColumns();
        return new LooseReference(
                table, path.columns(), Optional.empty(), sooner, target.root(path.parent()), parentColumns);
    }

    /** A condition on the table under that alias: whether rows name the parent's table. */
    String namesParent(Table child, String alias) {
        return types.map(type -> child.equality(type.column()).text(alias + "." + Sql.identifier(type.column()))
                        + " IN (" + type.texts().stream().map(Sql::literal).collect(Collectors.joining(", ")) + ")")
                .orElseGet(() -> PathColumns.noneIsSet(sooner, alias));
    }

    /** Whether values of the parent's columns are values of the table's, so that an index on these finds them. */
    boolean comparesAsTyped(Table child, Table parentTable) {
        for (int i = 0; i < columns.size(); i++) {
            String type = typeOf(child, columns.get(i));
            boolean isText = type.equals("text") || type.startsWith("character varying");
            if (!isText && !type.equals(typeOf(parentTable, parentColumns.get(i)))) {
                return false;
            }
        }
        return true;
    }

    private static String typeOf(Table table, String column) {
        return table.column(column).map(found -> found.column().typeName()).orElse("");
    }
}
