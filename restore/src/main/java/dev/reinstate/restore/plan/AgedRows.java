package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Column;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Rows in the columns that their tables had by then. Adding a column writes no row, so the archive has older ones without
 * it: they have NULL there, as the server says, too; where it says anything else the table was read anew, and no row is
 * older. Dropping one writes no row either: what older ones had in it was gone by then.
 */
final class AgedRows implements RowStream {
    private final RowStream rows;
    private final IntFunction<Optional<TableSchema>> shapeThen;
    private final IntFunction<Set<Integer>> goneThen;
    private final Map<TableSchema, Aged> aged = new HashMap<>();

    /** @param kept columns of the archived row, by their place; NULLs follow */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Aged(TableSchema shape, int[] kept) {}

    /**
     * @param shapeThen by oid, what the table was at the moment of the rows; empty where it is not sure
     * @param goneThen by oid, the numbers of columns that it once had, and surely not any more at that moment
     */
    AgedRows(RowStream rows, IntFunction<Optional<TableSchema>> shapeThen, IntFunction<Set<Integer>> goneThen) {
        this.rows = rows;
        this.shapeThen = shapeThen;
        this.goneThen = goneThen;
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public FoldedRow next() {
        FoldedRow row = rows.next();
        Aged found = aged.computeIfAbsent(row.table(), this::age);
        return found.shape().equals(row.table())
                ? row
                : new FoldedRow(found.shape(), row.key(), inShape(row.tuple(), found));
    }

    private Aged age(TableSchema shape) {
        int[] all = IntStream.range(0, shape.columns().size()).toArray();
        if (shape.columns().stream().anyMatch(column -> column.attnum() <= 0)) {
            return new Aged(shape, all);
        }
        Set<Integer> gone = new HashSet<>(goneThen.apply(shape.oid()));
        shape.keyColumns()
                .forEach(column -> gone.remove(shape.columns().get(column).attnum()));
        int[] kept = IntStream.of(all)
                .filter(i -> !gone.contains(shape.columns().get(i).attnum()))
                .toArray();
        List<Column> columns = new ArrayList<>();
        for (int i : kept) {
            columns.add(shape.columns().get(i));
        }
        columns.addAll(added(shape));
        List<Integer> key = shape.keyColumns().stream()
                .map(column -> columns.indexOf(shape.columns().get(column)))
                .toList();
        return new Aged(new TableSchema(shape.oid(), shape.name(), columns, key), kept);
    }

    /** Numbers of columns only grow, so that one with a higher number than all others was added later. */
    private List<Column> added(TableSchema shape) {
        int newest = shape.columns().stream().mapToInt(Column::attnum).max().orElse(0);
        return shapeThen.apply(shape.oid()).stream()
                .flatMap(then -> then.columns().stream())
                .filter(column -> column.attnum() > newest)
                .toList();
    }

    private static Tuple inShape(Tuple tuple, Aged aged) {
        int columns = aged.shape().columns().size();
        Tuple.Builder builder = new Tuple.Builder(tuple.encoded().length + columns);
        for (int column : aged.kept()) {
            builder.addColumn(tuple, column);
        }
        for (int i = aged.kept().length; i < columns; i++) {
            builder.addNull();
        }
        return builder.build();
    }

    @Override
    public void close() {
        rows.close();
    }
}
