package dev.reinstate.restore.plan;

import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Column;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.plan.GoneReferences.Gone;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Writes NULL into rows of one shape where they refer to rows that are gone. Not thread-safe. */
final class ReferenceEdit {
    /** One foreign key, and where its columns are. */
    private static final class Reference {
        private final Gone gone;
        private final List<Integer> places;
        private final List<Integer> nulled;
        private long rows;

        Reference(TableSchema shape, Gone gone) {
            this.gone = gone;
            this.places = gone.key().columns().stream().map(shape::indexOf).toList();
            this.nulled = gone.nulled().stream().map(shape::indexOf).toList();
        }

        boolean isThere() {
            return places.stream().allMatch(at -> at >= 0);
        }

        boolean leadsNowhere(Tuple row) {
            return places.stream().noneMatch(row::isNull) && gone.values().contains(RowKey.ofColumns(row, places));
        }
    }

    private final TableSchema shape;
    private final List<Reference> references;
    private final LostValues lost;

    /** @param lost is told of every value that NULL takes the place of */
    ReferenceEdit(TableSchema shape, List<Gone> gone, LostValues lost) {
        this.shape = shape;
        this.lost = lost;
        this.references = gone.stream()
                .map(one -> new Reference(shape, one))
                .filter(Reference::isThere)
                .toList();
    }

    /** The row as it is to be compared and written. */
    FoldedRow edit(FoldedRow folded) {
        Tuple row = folded.tuple();
        BitSet nulled = new BitSet();
        for (Reference reference : references) {
            if (reference.leadsNowhere(row)) {
                reference.rows++;
                reference.nulled.forEach(nulled::set);
            }
        }
        if (nulled.isEmpty()) {
            return folded;
        }
        tell(row, nulled);
        Tuple.Builder builder = new Tuple.Builder(row.encoded().length);
        for (int i = 0; i < row.columnCount(); i++) {
            if (nulled.get(i)) {
                builder.addNull();
            } else {
                builder.addColumn(row, i);
            }
        }
        return new FoldedRow(folded.table(), folded.key(), builder.build());
    }

    /** With the row's key; without one, the whole row says which it was. */
    private void tell(Tuple row, BitSet nulled) {
        List<Integer> places = new ArrayList<>(
                shape.keyColumns().isEmpty()
                        ? IntStream.range(0, row.columnCount()).boxed().toList()
                        : shape.keyColumns());
        nulled.stream().filter(at -> !places.contains(at)).forEach(places::add);
        Tuple.Builder builder = new Tuple.Builder(64);
        places.forEach(at -> builder.addColumn(row, at));
        List<String> names =
                places.stream().map(shape.columns()::get).map(Column::name).toList();
        lost.lost(shape.name(), names, builder.build());
    }

    void report(Consumer<SchemaEffect> effects) {
        for (Reference reference : references) {
            String columns = String.join(", ", reference.gone.nulled());
            if (reference.rows > 0) {
                effects.accept(new SchemaEffect(
                        SchemaEffect.Kind.REFERENCE_NULLED,
                        shape.name(),
                        columns,
                        reference.rows,
                        shape.name() + "." + columns + ": " + reference.rows + " rows of then refer to rows of "
                                + reference.gone.key().referenced() + " that no longer exist ("
                                + reference.gone.key().name()
                                + "); NULL is written instead, as --references says, and the values are saved to a"
                                + " file"));
            }
        }
    }
}
