package dev.reinstate.restore.apply;

import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.export.SavedRows;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps what a restore would lose: live rows before they change or go, values of then that do not come back. */
final class SideFile implements AutoCloseable {
    /** Where the values to keep of rows of one shape are. */
    private record Kept(List<String> columns, List<Integer> places, List<Integer> leftOut) {}

    private final SavedRows saved;
    private final Map<RowShape, Kept> byShape = new HashMap<>();

    /** @param directory a name that is not taken */
    SideFile(Path directory) {
        this.saved = new SavedRows(directory);
    }

    /** A live row that will be changed or deleted. */
    void replaced(TableLayout table, Tuple live) {
        saved.addReplaced(table.name(), table.liveColumns(), live);
    }

    /** A row of then that will be written: keeps its key and what of it was left out. */
    void written(TableLayout table, RowShape shape, Tuple row) {
        Kept kept = byShape.computeIfAbsent(shape, s -> kept(table, s));
        if (kept.leftOut().stream().allMatch(row::isNull)) {
            return;
        }
        Tuple.Builder builder = new Tuple.Builder(64);
        for (int place : kept.places()) {
            builder.addColumn(row, place);
        }
        saved.addLeftOut(table.name(), kept.columns(), builder.build());
    }

    /** Values of then whose place NULL takes, with the key of their row. */
    void lost(TableName table, List<String> columns, Tuple values) {
        saved.addLeftOut(table, columns, values);
    }

    /** Without a key, the whole row says which it was. */
    private static Kept kept(TableLayout table, RowShape shape) {
        List<String> columns = new ArrayList<>(table.hasKey() ? table.keyColumns() : shape.columns());
        List<Integer> places =
                new ArrayList<>(columns.stream().map(shape::sourceOf).toList());
        List<Integer> leftOut = new ArrayList<>();
        for (int i = 0; i < shape.leftOut().length; i++) {
            if (shape.leftOut()[i] >= 0) {
                columns.add(table.leftOutColumns().get(i));
                leftOut.add(shape.leftOut()[i]);
            }
        }
        places.addAll(leftOut);
        return new Kept(columns, places, leftOut);
    }

    Optional<Path> publish() {
        return saved.publish();
    }

    @Override
    public void close() {
        saved.close();
    }
}
