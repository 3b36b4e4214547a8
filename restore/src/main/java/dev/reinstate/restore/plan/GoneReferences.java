package dev.reinstate.restore.plan;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Values of then that foreign keys had and that lead nowhere now: NULL is written instead. Immutable. */
public final class GoneReferences {
    /** None. */
    static final GoneReferences NONE = new GoneReferences(Map.of());

    private final Map<TableName, List<Gone>> byTable;

    /**
     * Those of one foreign key.
     *
     * @param nulled which of its columns get NULL
     * @param values of all its columns, in its order
     */
    record Gone(ForeignKey key, List<String> nulled, Set<RowKey> values) {
        Gone {
            nulled = List.copyOf(nulled);
            values = Set.copyOf(values);
        }
    }

    private GoneReferences(Map<TableName, List<Gone>> byTable) {
        this.byTable = byTable;
    }

    /** These and those of one more foreign key of that table. */
    GoneReferences and(TableName table, Gone more) {
        Map<TableName, List<Gone>> all = new HashMap<>(byTable);
        List<Gone> ofTable = new ArrayList<>(of(table));
        ofTable.add(more);
        all.put(table, List.copyOf(ofTable));
        return new GoneReferences(Map.copyOf(all));
    }

    /** Whether that foreign key of the table is among them. */
    boolean has(TableName table, ForeignKey key) {
        return of(table).stream().anyMatch(gone -> gone.key().equals(key));
    }

    void forEach(BiConsumer<TableName, Gone> each) {
        new TreeMap<>(byTable).forEach((table, all) -> all.forEach(gone -> each.accept(table, gone)));
    }

    List<Gone> of(TableName table) {
        return byTable.getOrDefault(table, List.of());
    }
}
