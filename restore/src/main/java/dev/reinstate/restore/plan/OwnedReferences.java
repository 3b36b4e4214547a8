package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.Column;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which values that are not there now, and that rows to write refer to in tenants' tables, this very restore
 * does not write either: rows of other tenants that are gone. On local disk when many. Not thread-safe.
 */
final class OwnedReferences implements AutoCloseable {
    /** Who refers to a value. */
    enum Referrer {
        /** A row that will be written. */
        WRITTEN,
        /** A row of then in whose place another stays. */
        STANDING,
        /** A shared row that is brought back. */
        SHARED
    }

    /** A question. */
    record Ask(Referrer referrer, ReferenceOut reference) {}

    /** What foreign keys lead to; of a partition, what its partitioned table's are. */
    private record Place(TableName table, List<String> columns) {}

    private static final List<Column> ASKED = List.of(new Column(0, "asked", 0, "text"));
    private static final Tuple PROVIDED = new Tuple.Builder(1).addNull().build();

    private final TargetTables target;
    private final Supplier<RowSorter> sorters;
    private final Map<Place, Integer> places = new HashMap<>();
    private final List<Ask> asks = new ArrayList<>();
    private List<Place> placesOfTable = List.of();
    private @Nullable RowSorter values;

    OwnedReferences(TargetTables target, RestoreRequest request, Supplier<RowSorter> sorters) {
        this.target = target;
        this.sorters = sorters;
        List<Table> referring = new ArrayList<>(target.parentsFirst(request.tenant()));
        if (request.references().restoresSharedRows()) {
            referring.addAll(target.sharedTables());
        }
        for (Table table : referring) {
            table.foreignKeys().stream()
                    .filter(key -> isOfInterest(target, table, key))
                    .forEach(key -> numberOf(placeOf(key)));
        }
    }

    /**
     * Whether a foreign key may lead to rows of other tenants and is compared by text. That by which rows find their
     * tenant leads to the tenant's own.
     */
    static boolean isOfInterest(TargetTables target, Table table, ForeignKey key) {
        Set<String> owning =
                target.isTenantOwned(table.name()) ? new HashSet<>(target.owningColumns(table.name())) : Set.of();
        return target.isTenantOwned(key.referenced())
                && !owning.equals(new HashSet<>(key.columns()))
                && target.refersByText(table, key);
    }

    private static Place placeOf(ForeignKey key) {
        return new Place(key.referenced(), key.referencedColumns());
    }

    private int numberOf(Place place) {
        return places.computeIfAbsent(place, p -> places.size());
    }

    void beginTable(TableLayout table) {
        Set<TableName> names = new LinkedHashSet<>(List.of(table.name(), target.root(table.name())));
        placesOfTable = places.keySet().stream()
                .filter(place -> names.contains(place.table()))
                .toList();
    }

    /** A row of the table at hand that will be written. */
    void written(RowShape shape, Tuple row) {
        for (Place place : placesOfTable) {
            List<Integer> columns =
                    place.columns().stream().map(shape::sourceOf).toList();
            if (columns.stream().allMatch(at -> at >= 0 && !row.isNull(at))) {
                add(place, RowKey.ofColumns(row, columns), PROVIDED);
            }
        }
    }

    /** Asks for values that are not there now. */
    void ask(Ask ask, Collection<Tuple> absent) {
        int number = asks.indexOf(ask);
        if (number < 0) {
            number = asks.size();
            asks.add(ask);
        }
        Tuple asked = Tuple.ofTexts(List.of(Optional.of(Integer.toString(number))));
        Place place = placeOf(ask.reference().key());
        absent.forEach(value -> add(place, ReferenceChecks.wholeKey(value), asked));
    }

    private void add(Place place, RowKey value, Tuple tuple) {
        RowSorter sorter = values == null ? sorters.get() : values;
        values = sorter;
        sorter.add(new FoldedRow(new TableSchema(numberOf(place), place.table(), ASKED, List.of()), value, tuple));
    }

    /** What is not written either, not many more values of each than are allowed; to be called once, when all is asked. */
    Map<Ask, Set<RowKey>> gone() {
        Map<Ask, Set<RowKey>> gone = new HashMap<>();
        if (values == null || asks.isEmpty()) {
            return gone;
        }
        try (RowStream sorted = values.sorted()) {
            int lastPlace = -1;
            RowKey last = RowKey.EMPTY;
            boolean provided = false;
            Set<Integer> asking = new HashSet<>();
            while (sorted.hasNext()) {
                FoldedRow next = sorted.next();
                if (next.table().oid() != lastPlace || !next.key().equals(last)) {
                    note(gone, provided, asking, last);
                    lastPlace = next.table().oid();
                    last = next.key();
                    provided = false;
                    asking.clear();
                }
                provided |= next.tuple().isNull(0);
                next.tuple().text(0).ifPresent(number -> asking.add(Integer.valueOf(number)));
            }
            note(gone, provided, asking, last);
        }
        return gone;
    }

    private void note(Map<Ask, Set<RowKey>> gone, boolean provided, Set<Integer> asking, RowKey value) {
        if (provided) {
            return;
        }
        for (int number : asking) {
            Set<RowKey> found = gone.computeIfAbsent(asks.get(number), ask -> new HashSet<>());
            if (found.size() <= ReferenceChecks.MANY_GONE) {
                found.add(value);
            }
        }
    }

    @Override
    public void close() {
        if (values != null) {
            values.close();
        }
    }
}
