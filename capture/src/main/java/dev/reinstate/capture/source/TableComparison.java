package dev.reinstate.capture.source;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.TableStorage;
import dev.reinstate.postgres.catalogue.TableStorage.ColumnStorage;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** What became of one table since the archive last saw it, told from the catalogue alone. */
final class TableComparison {
    private final SourceTables tables;
    private final Table table;
    private final TableVersion before;
    private final TableSchema shape;
    private final TableSchema shapeBefore;
    private final TableStorage storageBefore;

    private TableComparison(
            SourceTables tables, Table table, TableVersion before, TableSchema shapeBefore, TableStorage storage) {
        this.tables = tables;
        this.table = table;
        this.before = before;
        this.shape = table.toSchema();
        this.shapeBefore = shapeBefore;
        this.storageBefore = storage;
    }

    /** Empty when nothing differs. */
    static Optional<TableChange> of(SourceTables tables, Table table, TableVersion before) {
        TableSchema shape = before.shape().orElseThrow();
        TableStorage storage =
                TableStorage.parse(before.storage()).orElse(new TableStorage(0, true, Set.of(), 0, List.of()));
        if (shape.equals(table.toSchema()) && storage.equals(table.storage())) {
            return Optional.empty();
        }
        return Optional.of(new TableComparison(tables, table, before, shape, storage).compare());
    }

    private TableChange compare() {
        if (!table.logged()) {
            return storageBefore.logged()
                    ? change(TableChange.Effect.UNSEEN, "it is unlogged; its rows are not in the log any more")
                    : change(TableChange.Effect.NONE, "altered");
        }
        if (!storageBefore.logged()) {
            return rows(true, "it was unlogged; what happened to its rows then is not in the log");
        }
        List<Integer> key = keyNumbers(shape);
        List<Integer> keyBefore = keyNumbers(shapeBefore);
        if (!key.equals(keyBefore)) {
            return key.isEmpty()
                    ? change(TableChange.Effect.UNSEEN, "it lost its replica identity; only its inserts are captured")
                    : rows(
                            true,
                            keyBefore.isEmpty()
                                    ? "it had no replica identity; what was updated or deleted then is not known"
                                    : "its rows have another key");
        }
        Set<Long> memberships = table.storage().memberships();
        if (!memberships.isEmpty()
                && !storageBefore.memberships().isEmpty()
                && Collections.disjoint(memberships, storageBefore.memberships())) {
            return rows(
                    true, "it was out of the publications for a while; what happened to its rows then is not known");
        }
        if (!table.name().schema().equals(before.name().schema())
                && tables.map()
                        .rule(table.name())
                        .filter(TableRule.BySchema.class::isInstance)
                        .isPresent()) {
            return rows(true, "it is in another tenant's schema; its rows are that tenant's now");
        }
        return compareColumns();
    }

    private TableChange compareColumns() {
        Set<Integer> altered = new HashSet<>();
        Set<Integer> filled = new HashSet<>();
        // a column that was dropped and made again: the stream's rows do not say which of the two they had
        boolean looksTheSame = names(shape).equals(names(shapeBefore));
        for (ColumnStorage column : table.storage().columns()) {
            if (column.generated() || !hasColumn(shape, column.attnum())) {
                continue;
            }
            Optional<ColumnStorage> earlier = storageBefore.column(column.attnum());
            boolean isOther =
                    earlier.isEmpty() ? column.fillsIn() || looksTheSame : hasOtherValues(column, earlier.get());
            if (isOther || isExcludedNoLonger(column, earlier)) {
                filled.add(column.attnum());
            }
            if (earlier.isEmpty() || earlier.get().version() != column.version()) {
                altered.add(column.attnum());
            }
        }
        boolean dropped = storageBefore.columns().stream()
                .anyMatch(column -> !column.generated()
                        && table.storage().column(column.attnum()).isEmpty());
        boolean moved = storageBefore.fileNode() != table.storage().fileNode();
        if (moved && (dropped || !altered.isEmpty())) {
            return rows(touchesOwners(altered), "its rows were rewritten when its columns were altered");
        }
        if (!filled.isEmpty()) {
            return rows(touchesOwners(filled), "older rows have values that were not written: " + names(filled));
        }
        if (cameAndWent()) {
            return rows(false, "a column was added and dropped again; what its rows had in it meanwhile is not known");
        }
        // the server lets no table that is itself published become unlogged
        boolean mayHaveBeenUnlogged = table.kind() == Table.Kind.PARTITION;
        return moved && mayHaveBeenUnlogged
                ? change(TableChange.Effect.MOVED, "its rows lie in another file")
                : change(TableChange.Effect.NONE, "altered");
    }

    /** Whether a column has come since that is not there any more. */
    private boolean cameAndWent() {
        return storageBefore.numbered() > 0
                && IntStream.rangeClosed(
                                storageBefore.numbered() + 1, table.storage().numbered())
                        .anyMatch(number -> table.storage().column(number).isEmpty());
    }

    private static boolean hasOtherValues(ColumnStorage now, ColumnStorage before) {
        return before.generated() || before.typeOid() != now.typeOid();
    }

    /** It was there already, but not archived; what older rows have in it is not known. */
    private boolean isExcludedNoLonger(ColumnStorage column, Optional<ColumnStorage> earlier) {
        return earlier.filter(before -> !before.generated()).isPresent()
                && !hasColumn(shapeBefore, column.attnum())
                && hasColumn(shape, column.attnum());
    }

    private static boolean hasColumn(TableSchema shape, int attnum) {
        return shape.columns().stream().anyMatch(column -> column.attnum() == attnum);
    }

    private String names(Set<Integer> columns) {
        return String.join(
                ", ",
                shape.columns().stream()
                        .filter(column -> columns.contains(column.attnum()))
                        .map(column -> "column " + column.name())
                        .toList());
    }

    private static List<String> names(TableSchema shape) {
        return shape.columns().stream()
                .map(column -> column.name() + " " + column.typeOid())
                .toList();
    }

    private static List<Integer> keyNumbers(TableSchema shape) {
        return shape.keyColumns().stream()
                .map(column -> shape.columns().get(column).attnum())
                .toList();
    }

    /** Whether one of those columns says whose a row is, or what rows of other tables refer to. */
    private boolean touchesOwners(Set<Integer> columns) {
        Set<String> decisive = new HashSet<>();
        shape.keyColumns().forEach(column -> decisive.add(name(column)));
        tables.map().rule(table.name()).map(TableRule::ownerColumns).ifPresent(decisive::addAll);
        if (tables.ownership().of(shape).hasDescendants()) {
            table.uniqueConstraints().forEach(constraint -> decisive.addAll(constraint.columns()));
        }
        return shape.columns().stream()
                .filter(column -> columns.contains(column.attnum()))
                .map(Column::name)
                .anyMatch(decisive::contains);
    }

    private String name(int column) {
        return shape.columns().get(column).name();
    }

    private TableChange rows(boolean ownersToo, String reason) {
        return new TableChange(
                table.oid(),
                table.name(),
                Optional.of(table),
                Optional.of(before),
                TableChange.Effect.CHANGED,
                ownersToo,
                reason);
    }

    private TableChange change(TableChange.Effect effect, String reason) {
        return new TableChange(
                table.oid(), table.name(), Optional.of(table), Optional.of(before), effect, false, reason);
    }
}
