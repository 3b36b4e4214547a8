package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.RowSorter;
import dev.reinstate.model.Column;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows of then in a table without a key that were cut off since: live rows that name no owner and are the same but
 * for columns that became NULL with it. Equal rows cannot be told apart, so they are counted: as many as there are now
 * more than the archive knows to have been nobody's all along. Those with fewer NULLs are taken first. Live rows that
 * name no owner are read once, when the first row is looked for. Not thread-safe.
 */
final class CutOffRows implements RowLookup {
    /** More columns that may be NULL than this are compared like all others. */
    private static final int MAX_CLEARED = 16;

    private final TableLayout table;
    private final ThenRows archived;
    private final LiveReader.Source live;
    private final Outcome outcome;
    private final List<String> common;
    private final List<String> cleared;
    private @Nullable Found found;
    private @Nullable RowSorter waiting;
    private long orphans;

    /** Live rows that name no owner, by which columns are NULL and what is in the others. */
    private record Found(RowSorter loose, SortedSet<Integer> patterns) {}

    CutOffRows(TableLayout table, ThenRows archived, LiveReader.Source live, Outcome outcome) {
        this.table = table;
        this.archived = archived;
        this.live = live;
        this.outcome = outcome;
        this.common = table.commonColumns();
        this.cleared = table.clearedColumns().stream().limit(MAX_CLEARED).toList();
    }

    @Override
    public void add(RowShape shape, FoldedRow then) {
        Found loose = found == null ? read() : found;
        found = loose;
        if (loose.patterns().isEmpty()) {
            outcome.missing(shape, then.tuple());
            return;
        }
        RowSorter sorter = waiting == null ? live.sorters().get() : waiting;
        waiting = sorter;
        sorter.add(keyed(shape, then, loose.patterns().first()));
    }

    private Found read() {
        RowSorter sorter = live.sorters().get();
        SortedSet<Integer> patterns = new TreeSet<>();
        try {
            List<Integer> columns =
                    common.stream().map(table.liveColumns()::indexOf).toList();
            live.liveRows().forEachCutOff(live.connection(), table, row -> {
                int pattern = pattern(row, columns);
                patterns.add(pattern);
                sorter.add(new FoldedRow(numbered(pattern, row.columnCount()), key(row, columns, pattern), row));
            });
            return new Found(sorter, patterns);
        } catch (RuntimeException e) {
            sorter.close();
            throw e;
        }
    }

    /** Which of the columns are NULL, a bit each; in front how many, so that fewer come first. */
    private int pattern(Tuple row, List<Integer> columns) {
        int bits = 0;
        for (int i = 0; i < cleared.size(); i++) {
            bits |= row.isNull(columns.get(common.indexOf(cleared.get(i)))) ? 1 << i : 0;
        }
        return Integer.bitCount(bits) << MAX_CLEARED | bits;
    }

    private RowKey key(Tuple row, List<Integer> columns, int pattern) {
        List<Integer> compared = new ArrayList<>();
        for (int i = 0; i < common.size(); i++) {
            int number = cleared.indexOf(common.get(i));
            if (number < 0 || (pattern & 1 << number) == 0) {
                compared.add(columns.get(i));
            }
        }
        return RowKey.ofColumns(row, compared);
    }

    private FoldedRow keyed(RowShape shape, FoldedRow then, int pattern) {
        List<Integer> columns = common.stream().map(shape::sourceOf).toList();
        return new FoldedRow(then.table(), key(then.tuple(), columns, pattern), then.tuple());
    }

    /** A shape by which a sorter tells the patterns apart. */
    private TableSchema numbered(int pattern, int columnCount) {
        List<Column> columns = IntStream.range(0, columnCount)
                .mapToObj(n -> new Column(0, "c" + n, 0, "text"))
                .toList();
        return new TableSchema(pattern, table.name(), columns, List.of());
    }

    @Override
    public void finish() {
        Found loose = found;
        if (loose == null) {
            return;
        }
        try (RowSorter rows = loose.loose();
                RowSorter nobodys = live.sorters().get()) {
            if (waiting != null) {
                readNobodys(nobodys);
                match(new Available(rows.sorted(), nobodys.sorted()), loose.patterns());
            }
        } finally {
            closeWaiting();
            found = null;
        }
    }

    private void readNobodys(RowSorter sorter) {
        try (RowStream then = archived.nobodysThen(table.name())) {
            addNobodys(then, sorter);
        }
        try (RowStream since = archived.nobodysSince(table.name())) {
            addNobodys(since, sorter);
        }
    }

    private void addNobodys(RowStream rows, RowSorter sorter) {
        while (rows.hasNext()) {
            FoldedRow row = rows.next();
            List<Integer> columns = common.stream().map(row.table()::indexOf).toList();
            if (!columns.contains(-1)) {
                int pattern = pattern(row.tuple(), columns);
                sorter.add(new FoldedRow(numbered(pattern, 0), key(row.tuple(), columns, pattern), Tuple.EMPTY));
            }
        }
    }

    private void match(Available available, SortedSet<Integer> patterns) {
        for (int pattern : patterns) {
            SortedSet<Integer> later = patterns.tailSet(pattern + 1);
            RowSorter rows = waiting;
            if (rows == null) {
                return;
            }
            waiting = null;
            try (rows;
                    RowStream thens = rows.sorted()) {
                while (thens.hasNext()) {
                    FoldedRow then = thens.next();
                    RowShape shape = table.shape(then.table()).orElseThrow();
                    FoldedRow now = available.take(pattern, then.key());
                    if (now != null) {
                        orphans++;
                        outcome.orphan(shape, then.tuple(), now.tuple(), true);
                    } else if (later.isEmpty()) {
                        outcome.missing(shape, then.tuple());
                    } else {
                        RowSorter next = waiting == null ? live.sorters().get() : waiting;
                        waiting = next;
                        next.add(keyed(shape, then, later.first()));
                    }
                }
            }
        }
    }

    private void closeWaiting() {
        if (waiting != null) {
            waiting.close();
            waiting = null;
        }
    }

    @Override
    public void close() {
        closeWaiting();
        if (found != null) {
            found.loose().close();
            found = null;
        }
    }

    @Override
    public long orphans() {
        return orphans;
    }

    @Override
    public long taken() {
        return 0;
    }

    @Override
    public long respelled() {
        return 0;
    }

    @Override
    public boolean isPartial() {
        return false;
    }

    /** Live rows that name no owner, without as many as were nobody's all along, both in order. */
    private static final class Available {
        private final RowStream rows;
        private final RowStream nobodys;
        private @Nullable FoldedRow row;
        private @Nullable FoldedRow nobody;

        Available(RowStream rows, RowStream nobodys) {
            this.rows = rows;
            this.nobodys = nobodys;
            this.nobody = next(nobodys);
            advance();
        }

        private void advance() {
            row = next(rows);
            while (row != null && isNobodys(row)) {
                row = next(rows);
            }
        }

        private boolean isNobodys(FoldedRow found) {
            while (nobody != null && order(nobody, found.table().oid(), found.key()) < 0) {
                nobody = next(nobodys);
            }
            boolean same = nobody != null && order(nobody, found.table().oid(), found.key()) == 0;
            if (same) {
                nobody = next(nobodys);
            }
            return same;
        }

        /** The next of that pattern and key, which come in order; null for none. */
        @Nullable
        FoldedRow take(int pattern, RowKey key) {
            while (row != null && order(row, pattern, key) < 0) {
                advance();
            }
            FoldedRow found = row;
            if (found == null || order(found, pattern, key) != 0) {
                return null;
            }
            advance();
            return found;
        }

        private static int order(FoldedRow row, int pattern, RowKey key) {
            int byPattern = Integer.compare(row.table().oid(), pattern);
            return byPattern != 0 ? byPattern : row.key().compareTo(key);
        }

        private static @Nullable FoldedRow next(RowStream rows) {
            return rows.hasNext() ? rows.next() : null;
        }
    }
}
