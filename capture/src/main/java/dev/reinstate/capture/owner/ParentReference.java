package dev.reinstate.capture.owner;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a row names the row it belongs to. */
sealed interface ParentReference {
    /** Tables whose rows may be named. */
    Set<TableName> parents();

    /** A row of one table. */
    sealed interface OfTable extends ParentReference {
        TableName parent();

        @Override
        default Set<TableName> parents() {
            return Set.of(parent());
        }
    }

    /** By the parent's row key. */
    record ByKey(TableName parent) implements OfTable {}

    /** By what the parent has in other unique columns. */
    record ByValue(TableName parent, List<String> columns) implements OfTable {
        public ByValue {
            columns = List.copyOf(columns);
        }
    }

    /** Columns of the tuple, which name a row when all are set. */
    record Way(List<Integer> columns, OfTable reference) {
        public Way {
            columns = List.copyOf(columns);
        }

        boolean isSet(Tuple row) {
            return columns.stream().noneMatch(column -> row.isNull(column) || row.isUnchanged(column));
        }

        /** Whether it is not known if the row names a row this way, or which. */
        boolean isLeftOpen(Tuple row) {
            return columns.stream().noneMatch(row::isNull) && columns.stream().anyMatch(row::isUnchanged);
        }
    }

    /** By the first way that is set. A reference begins with a byte for the way's place among them. */
    record First(List<Way> ways) implements ParentReference {
        public First {
            ways = List.copyOf(ways);
        }

        OfTable way(byte[] reference) {
            return ways.get(Byte.toUnsignedInt(reference[0])).reference();
        }

        /** What the row names a parent by, the first way that is set; null where none is. */
        byte @Nullable [] reference(Tuple row) {
            for (int place = 0; place < ways.size(); place++) {
                if (ways.get(place).isSet(row)) {
                    return reference(place, row);
                }
            }
            return null;
        }

        /** What the row names a parent by that way, which is set. */
        byte[] reference(int place, Tuple row) {
            byte[] key = RowKey.ofColumns(row, ways.get(place).columns()).encoded();
            byte[] reference = new byte[1 + key.length];
            reference[0] = (byte) place;
            System.arraycopy(key, 0, reference, 1, key.length);
            return reference;
        }

        boolean isLeftOpen(Tuple row) {
            return ways.stream()
                    .filter(way -> way.isSet(row) || way.isLeftOpen(row))
                    .findFirst()
                    .filter(way -> way.isLeftOpen(row))
                    .isPresent();
        }

        @Override
        public Set<TableName> parents() {
            return ways.stream().map(way -> way.reference().parent()).collect(Collectors.toUnmodifiableSet());
        }
    }

    /**
     * By the text that stands for the parent's table, and the parent's one-column row key.
     *
     * @param padded whether the texts are of a type that fills them up with blanks that mean nothing
     */
    record ByType(Map<String, TableName> byText, boolean padded) implements ParentReference {
        public ByType {
            byText = Map.copyOf(byText);
        }

        /** The table that the text stands for; null for none that is known. */
        @Nullable
        TableName parent(String text) {
            return byText.get(padded ? text.replaceFirst(" +$", "") : text);
        }

        @Override
        public Set<TableName> parents() {
            return Set.copyOf(byText.values());
        }
    }
}
