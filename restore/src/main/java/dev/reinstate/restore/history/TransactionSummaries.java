package dev.reinstate.restore.history;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.ChangeStream;
import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's transactions in order, each as counts. Merges the tenant's own changes with what happened to whole tables.
 * Holds one transaction's counts at a time. Not thread-safe.
 */
final class TransactionSummaries implements Iterator<TransactionSummary>, AutoCloseable {
    private final ChangeStream own;
    private final ChangeStream storeEvents;
    private final TenancyMap map;
    private final Deque<GoneTable> gone;
    private @Nullable Change nextOwn;
    private @Nullable Change nextEvent;

    private TransactionSummaries(
            ChangeStream own, ChangeStream storeEvents, TenancyMap map, Collection<GoneTable> gone) {
        this.own = own;
        this.storeEvents = storeEvents;
        this.map = map;
        this.gone = new ArrayDeque<>(gone);
        this.nextOwn = advance(own);
        this.nextEvent = advance(storeEvents);
    }

    /** @param gone tables that are gone, as {@link GoneTable#read} has them */
    static TransactionSummaries of(ArchiveReader archive, TenantId tenant, Lsn after, Lsn upTo, List<GoneTable> gone) {
        ChangeStream own = archive.changes(Partition.of(tenant), after, upTo);
        try {
            return new TransactionSummaries(
                    own,
                    archive.changes(Partition.STORE_EVENTS, after, upTo),
                    archive.state().tenancyMap(),
                    gone.stream()
                            .filter(table ->
                                    table.by().isAfter(after) && !table.by().isAfter(upTo))
                            .toList());
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    @Override
    public boolean hasNext() {
        return nextOwn != null || nextEvent != null || !gone.isEmpty();
    }

    @Override
    public TransactionSummary next() {
        if (!gone.isEmpty() && isDue(gone.getFirst())) {
            return goneTables();
        }
        Change change = take();
        Commit commit = change.commit();
        SortedMap<TableName, TableCounts> tables = new TreeMap<>();
        TransactionSummary.Root root = TransactionSummary.Root.UNTOUCHED;
        while (true) {
            tables.merge(change.table().name(), countsOf(change.operation()), TableCounts::plus);
            if (map.isTenantTable(change.table().name()) || (map.tenantTable().isEmpty() && isGain(change))) {
                root = rootAfter(change.operation());
            }
            if (!nextIsOf(commit)) {
                return new TransactionSummary(commit, tables, root, List.of());
            }
            change = take();
        }
    }

    /** Whether every transaction before it was handed out. */
    private boolean isDue(GoneTable table) {
        return isAfter(nextOwn, table) && isAfter(nextEvent, table);
    }

    private static boolean isAfter(@Nullable Change change, GoneTable table) {
        return change == null || change.commit().commitLsn().isAfter(table.by());
    }

    private TransactionSummary goneTables() {
        List<GoneTable> together = new ArrayList<>();
        Lsn by = gone.getFirst().by();
        while (!gone.isEmpty() && gone.getFirst().by().equals(by)) {
            together.add(gone.removeFirst());
        }
        return TransactionSummary.of(together, together.stream().anyMatch(table -> map.isTenantTable(table.table())));
    }

    /** Where tenants have no rows of their own, the tenant is there once it has any. */
    private static boolean isGain(Change change) {
        return change.operation() == Operation.INSERT || change.operation() == Operation.ENTER;
    }

    private Change take() {
        Change ownChange = nextOwn;
        Change event = nextEvent;
        if (event != null && (ownChange == null || isBefore(event, ownChange))) {
            nextEvent = advance(storeEvents);
            return event;
        }
        if (ownChange == null) {
            throw new NoSuchElementException();
        }
        nextOwn = advance(own);
        return ownChange;
    }

    private boolean nextIsOf(Commit commit) {
        Change ownChange = nextOwn;
        Change event = nextEvent;
        return (ownChange != null && ownChange.commit().commitLsn().equals(commit.commitLsn()))
                || (event != null && event.commit().commitLsn().equals(commit.commitLsn()));
    }

    private static boolean isBefore(Change a, Change b) {
        int byCommit = a.commit().compareTo(b.commit());
        return byCommit != 0 ? byCommit < 0 : a.ordinal() < b.ordinal();
    }

    private static @Nullable Change advance(ChangeStream stream) {
        return stream.hasNext() ? stream.next() : null;
    }

    private static TableCounts countsOf(Operation operation) {
        return switch (operation) {
            case INSERT -> new TableCounts(false, 1, 0, 0, 0, 0);
            case UPDATE, REKEY_IN, OVERSIZED -> new TableCounts(false, 0, 1, 0, 0, 0);
            case DELETE -> new TableCounts(false, 0, 0, 1, 0, 0);
            case ENTER -> new TableCounts(false, 0, 0, 0, 1, 0);
            case LEAVE -> new TableCounts(false, 0, 0, 0, 0, 1);
            case REKEY_OUT -> TableCounts.NONE; // its other half, REKEY_IN, is counted
            case TRUNCATE -> TableCounts.TRUNCATED;
        };
    }

    private static TransactionSummary.Root rootAfter(Operation operation) {
        return switch (operation) {
            case INSERT, UPDATE, ENTER, REKEY_IN, OVERSIZED -> TransactionSummary.Root.PRESENT;
            case DELETE, TRUNCATE -> TransactionSummary.Root.DELETED;
            case LEAVE, REKEY_OUT -> TransactionSummary.Root.MOVED;
        };
    }

    @Override
    public void close() {
        own.close();
        storeEvents.close();
    }
}
