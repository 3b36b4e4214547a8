package dev.reinstate.cli.coverage;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a rule can hold on a table as it is: its columns, the keys they refer to, the types of both. */
final class RuleShape {
    private static final int FIRST_OID_OF_USERS = 16_384;
    private static final Set<Integer> INTEGERS = Set.of(20, 21, 23);
    private static final Set<Integer> TEXTS = Set.of(25, 1042, 1043);

    private final Catalogue catalogue;
    private final Optional<Column> tenantId;

    RuleShape(Catalogue catalogue, Optional<TableName> tenantTable, SaidRules said) {
        this.catalogue = catalogue;
        this.tenantId = tenantTable
                .flatMap(catalogue::table)
                .flatMap(table -> said.of(table.name())
                        .map(SaidRules.Said::rule)
                        .filter(TableRule.TenantTable.class::isInstance)
                        .flatMap(rule -> table.column(rule.ownerColumns().getFirst()))
                        .map(Table.TableColumn::column));
    }

    /** What speaks against it, a sentence each; none when it fits. */
    List<String> problems(Table table, TableRule rule) {
        List<String> gone = rule.ownerColumns().stream()
                .filter(column -> table.column(column).isEmpty())
                .map(column -> "its column " + column + " is gone")
                .toList();
        if (!gone.isEmpty()) {
            return gone;
        }
        return switch (rule) {
            case TableRule.TenantTable tenant -> tenantTable(table, tenant.idColumn());
            case TableRule.ByColumn by -> byColumn(table, by.column());
            case TableRule.ByPath path -> byPath(table, path);
            case TableRule.ByPaths several ->
                several.paths().stream()
                        .flatMap(path -> byPath(table, path).stream())
                        .toList();
            case TableRule.ByType type -> byType(type);
            case TableRule.BySchema schema -> List.of();
            case TableRule.Shared shared -> List.of();
            case TableRule.Ignored ignored -> List.of();
            case TableRule.Unmapped unmapped -> List.of();
        };
    }

    private static List<String> tenantTable(Table table, String id) {
        boolean notNull = table.column(id).filter(Table.TableColumn::notNull).isPresent();
        return notNull && isUnique(table, List.of(id))
                ? List.of()
                : List.of("its column " + id + " is not unique and NOT NULL any more, so it names no tenant");
    }

    private List<String> byColumn(Table table, String column) {
        return tenantId.flatMap(id -> mismatch(table, column, id, "the tenant's id"))
                .map(List::of)
                .orElse(List.of());
    }

    private List<String> byPath(Table table, TableRule.ByPath path) {
        Optional<Table> parent = catalogue.table(path.parent());
        if (parent.isEmpty()) {
            return List.of("the table " + path.parent() + ", which it follows, is gone");
        }
        List<String> key = path.parentColumns().isEmpty() ? parent.get().rowKey() : path.parentColumns();
        if (key.isEmpty()) {
            return List.of("the table " + path.parent() + ", which it follows, has no usable key any more");
        }
        if (!path.parentColumns().isEmpty() && !isUnique(parent.get(), key)) {
            return List.of("the columns (" + String.join(", ", key) + ") of " + path.parent()
                    + ", which it follows, are not unique any more");
        }
        if (key.size() != path.columns().size()) {
            return List.of(
                    "the key of " + path.parent() + ", which it follows, is now (" + String.join(", ", key) + ")");
        }
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            String column = path.columns().get(i);
            String referenced = key.get(i);
            parent.get()
                    .column(referenced)
                    .flatMap(found -> mismatch(
                            table, column, found.column(), "the column " + referenced + " of " + path.parent()))
                    .ifPresent(problems::add);
        }
        return problems;
    }

    private List<String> byType(TableRule.ByType type) {
        List<String> problems = new ArrayList<>();
        type.parentsByType().forEach((text, name) -> {
            Optional<Table> parent = catalogue.table(name);
            if (parent.isEmpty()) {
                problems.add("the table " + name + ", which the type " + text + " stands for, is gone");
            } else if (parent.get().rowKey().size() != 1) {
                problems.add("the table " + name + ", which the type " + text
                        + " stands for, has no usable key of one column");
            }
        });
        return problems;
    }

    private static boolean isUnique(Table table, List<String> columns) {
        Set<String> wanted = new HashSet<>(columns);
        return new HashSet<>(table.primaryKey()).equals(wanted)
                || table.uniqueConstraints().stream()
                        .anyMatch(unique -> new HashSet<>(unique.columns()).equals(wanted));
    }

    private static Optional<String> mismatch(Table table, String column, Column other, String what) {
        return table.column(column)
                .map(Table.TableColumn::column)
                .filter(found -> !canHold(found.typeOid(), other.typeOid()))
                .map(found -> "its column " + column + " is " + found.typeName() + ", but " + what + " is "
                        + other.typeName());
    }

    /** A text may hold any key; of types that users made nothing is known. */
    private static boolean canHold(int type, int key) {
        return type == key
                || TEXTS.contains(type)
                || (INTEGERS.contains(type) && INTEGERS.contains(key))
                || isUsers(type)
                || isUsers(key);
    }

    private static boolean isUsers(int type) {
        return Integer.compareUnsigned(type, FIRST_OID_OF_USERS) >= 0;
    }
}
