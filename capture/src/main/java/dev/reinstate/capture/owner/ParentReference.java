package dev.reinstate.capture.owner;

import dev.reinstate.model.TableName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a row names the row it belongs to. */
sealed interface ParentReference {
    /** Tables whose rows may be named. */
    Set<TableName> parents();

    /** By the parent's row key. */
    record ByKey(TableName parent) implements ParentReference {
        @Override
        public Set<TableName> parents() {
            return Set.of(parent);
        }
    }

    /** By what the parent has in other unique columns. */
    record ByValue(TableName parent, List<String> columns) implements ParentReference {
        public ByValue {
            columns = List.copyOf(columns);
        }

        @Override
        public Set<TableName> parents() {
            return Set.of(parent);
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
