package dev.reinstate.capture.attribution;

import dev.reinstate.archive.FoldedRow;
import dev.reinstate.capture.owner.OwnerChanges;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.OwnerResolver;
import dev.reinstate.capture.owner.OwnerView;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.owner.SpilledTuples;
import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.capture.transaction.RowEvent;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One transaction in which rows may change their owner or their key.
 *
 * <ol>
 *   <li>Decide which rows stay with the owner they had, though what they name now leads nowhere: others hang below them.
 *   <li>Look through the steps: which rows need values from before, and below which rows whole subtrees move.
 *   <li>Fetch those values from the archive.
 *   <li>Hand the changes on, moves as a leave and an enter.
 *   <li>Go through the rows that the old owners had below what moved, and move those that now lead elsewhere.
 * </ol>
 *
 * A row that the transaction did not touch before is where the owners before the transaction say; afterwards it is where
 * the owners at its commit say.
 */
final class MovingTransaction {
    private final Ownership ownership;
    private final OwnerResolver resolver;
    private final OwnerView before;
    private final OwnerChanges layer;
    private final StepLog log;
    private final Map<Partition, Set<TableName>> wantedTables = new HashMap<>();
    private final Map<Partition, Set<TableName>> movedBelow = new HashMap<>();
    private final Set<Integer> truncated = new HashSet<>();
    private final Map<OwnerKey, Partition> keptBy = new HashMap<>();

    MovingTransaction(Ownership ownership, OwnerResolver resolver, OwnerView before, OwnerChanges layer, StepLog log) {
        this.ownership = ownership;
        this.resolver = resolver;
        this.before = before;
        this.layer = layer;
        this.log = log;
    }

    void attribute(long size, ChangeSink sink, OwnerIndex index, PriorRows priorRows) {
        log.forEach(this::decide);
        keptBy.clear();
        log.forEach(this::lookForSubtrees);
        SpilledTuples values = anyValueWanted() ? index.spilledTuples() : null;
        if (values != null || !movedBelow.isEmpty()) {
            priorRows.prepare();
        }
        if (values != null) {
            log.forEach(step -> want(step, values));
            wantedTables.forEach(
                    (partition, tables) -> priorRows.forEach(partition, tables, row -> keepIfWanted(row, values)));
        }
        log.forEach(step -> handOn(step, values, sink));
        if (values != null) {
            values.clear();
        }
        moveSubtrees(size, sink, priorRows);
    }

    private void decide(Step step) {
        if (step.event().kind() == RowEvent.Kind.UPDATE) {
            Partition to = to(step);
            keepOwner(step, from(step).orElse(to), to);
        } else if (step.event().kind() == RowEvent.Kind.DELETE) {
            from(step); // a row of that key that comes after it was not kept
        }
    }

    private void lookForSubtrees(Step step) {
        TableOwnership table = step.table();
        if (step.event().kind() == RowEvent.Kind.TRUNCATE) {
            truncated.add(table.schema().oid());
            if (table.isStored() && table.hasDescendants()) {
                before.forEach(table.indexOid(), (key, record) -> followTruncated(table, key, record));
            }
            return;
        }
        if (!table.hasDescendants()) {
            return;
        }
        OwnerRecord old = step.owners().before();
        if (old != null && !step.owners().touched()) {
            Partition to = resolver.resolve(table, step.oldKey(), layer);
            resolver.keepersOf(table, old, before).forEach(from -> movedBelow(table, from, to));
        }
        table.forEachHeld(step.oldKey(), held -> followUniqueValue(table, before.get(held)));
        if (step.event().kind() != RowEvent.Kind.DELETE) {
            table.forEachHeld(step.key(), held -> followUniqueValue(table, layer.get(held)));
        }
    }

    /** The row of a truncated table may be back, as another tenant's. */
    private void followTruncated(TableOwnership table, OwnerKey key, OwnerRecord old) {
        if (!old.isOfRow()) {
            return;
        }
        OwnerRecord now = layer.get(key);
        if (now != null && !now.equals(old)) {
            movedBelow(table, resolver.resolve(table, old, before), resolver.resolve(table, now, layer));
        }
    }

    private void movedBelow(TableOwnership table, Partition from, Partition to) {
        if (!from.equals(to)) {
            movedBelow.computeIfAbsent(from, p -> new HashSet<>()).addAll(table.descendants());
        }
    }

    /** Rows that name a parent by a value belong where the row is that has the value now. */
    private void followUniqueValue(TableOwnership table, @Nullable OwnerRecord held) {
        OwnerRecord holder = held == null ? null : before.get(held.valuesKey());
        OwnerRecord now = held == null ? null : layer.get(held.valuesKey());
        if (holder != null && now != null) {
            Partition to = resolver.resolveValues(table, now, layer);
            resolver.keepersOf(table, holder, before).forEach(from -> movedBelow(table, from, to));
        }
    }

    private boolean anyValueWanted() {
        boolean[] wanted = new boolean[1];
        log.forEach(step -> wanted[0] |= leansOnEarlierValue(step));
        return wanted[0];
    }

    private boolean leansOnEarlierValue(Step step) {
        if (!step.row().hasUnchanged()) {
            return false;
        }
        Partition to = to(step);
        return step.isRekey() || !from(step).orElse(to).equals(to);
    }

    private void want(Step step, SpilledTuples values) {
        if (leansOnEarlierValue(step)) {
            OwnerKey key = step.table().ownerKey(step.oldKey());
            values.want(key);
            Partition kept = step.table().isOwned() ? resolver.resolve(step.table(), step.oldKey(), before) : to(step);
            wantedTables
                    .computeIfAbsent(kept, p -> new HashSet<>())
                    .add(ownership.name(step.table().schema()));
        }
    }

    private void keepIfWanted(FoldedRow row, SpilledTuples values) {
        OwnerKey key = ownership.of(row.table()).ownerKey(row.key());
        if (values.isWanted(key)) {
            values.put(key, new SpilledTuples.Version(row.table(), row.tuple()));
        }
    }

    private void handOn(Step step, @Nullable SpilledTuples values, ChangeSink sink) {
        Tuple row = completed(step, values);
        switch (step.event().kind()) {
            case INSERT -> {
                Partition to = to(step);
                Attribution.settle(resolver, step, to, layer);
                sink.row(step, to, Operation.INSERT, step.key(), row);
            }
            case UPDATE -> update(step, row, sink);
            case DELETE -> sink.row(step, from(step).orElse(Partition.UNATTRIBUTED), Operation.DELETE, step.key(), row);
            case TRUNCATE -> sink.truncated(step);
        }
    }

    private void update(Step step, Tuple completed, ChangeSink sink) {
        Partition to = to(step);
        Partition from = from(step).orElse(to);
        Partition kept = keepOwner(step, from, to);
        if (!from.equals(kept)) {
            sink.row(step, from, Operation.LEAVE, step.oldKey(), Tuple.EMPTY);
            sink.row(step, kept, Operation.ENTER, step.key(), completed);
        } else if (step.isRekey()) {
            sink.row(step, kept, Operation.REKEY_OUT, step.oldKey(), Tuple.EMPTY);
            sink.row(step, kept, Operation.REKEY_IN, step.key(), completed);
        } else {
            sink.row(step, kept, Operation.UPDATE, step.key(), step.row());
        }
    }

    /** A row whose new reference leads nowhere stays with the owner it had; below a row that is nobody's, it is too. */
    private Partition keepOwner(Step step, Partition from, Partition to) {
        OwnerRecord after = step.owners().after();
        if (to instanceof Partition.Unattributed
                && from instanceof Partition.OfTenant
                && step.table().isStored()
                && after != null
                && resolver.dangles(step.table(), after, layer)) {
            OwnerKey key = step.table().ownerKey(step.key());
            keptBy.put(key, from);
            Attribution.replace(step, after, OwnerRecord.left(from, after), layer);
            resolver.leave(step.table(), after, from, layer, layer::put);
            return from;
        }
        Attribution.settle(resolver, step, to, layer);
        return to;
    }

    /** The row with the values it leans on; remembers it for later steps that lean on it. */
    private Tuple completed(Step step, @Nullable SpilledTuples values) {
        Tuple row = step.row();
        if (values == null || step.event().oversized()) {
            return row;
        }
        OwnerKey oldKey = step.table().ownerKey(step.oldKey());
        OwnerKey key = step.isRekey() ? step.table().ownerKey(step.key()) : oldKey;
        if (row.hasUnchanged()) {
            Optional<SpilledTuples.Version> earlier = values.get(oldKey);
            if (earlier.isPresent()) {
                row = TupleCompletion.complete(
                        step.table().schema(),
                        row,
                        earlier.get().table(),
                        earlier.get().tuple());
            }
        }
        if (row.columnCount() > 0 && (values.isWanted(key) || values.isWanted(oldKey))) {
            values.put(key, new SpilledTuples.Version(step.table().schema(), row));
        }
        return row;
    }

    /** Where the row is before this step; empty when the stream's row was not known. */
    private Optional<Partition> from(Step step) {
        if (!step.table().isOwned()) {
            return Optional.of(to(step));
        }
        if (!keptBy.isEmpty() && step.table().isStored()) {
            Partition kept = keptBy.remove(step.table().ownerKey(step.oldKey()));
            if (kept != null) {
                return Optional.of(kept);
            }
        }
        OwnerRecord record = step.owners().before();
        return record == null
                ? Optional.empty()
                : Optional.of(
                        resolver.resolve(step.table(), record, step.owners().touched() ? layer : before));
    }

    private Partition to(Step step) {
        return Attribution.partition(resolver, step.table(), step.owners().after(), layer);
    }

    private void moveSubtrees(long size, ChangeSink sink, PriorRows priorRows) {
        Set<TableName> nobodys = movedBelow.get(Partition.UNATTRIBUTED);
        if (nobodys != null) {
            priorRows.forEach(Partition.UNATTRIBUTED, nobodys, this::leaveNobodys);
        }
        long[] ordinal = {size};
        movedBelow.forEach((from, tables) -> priorRows.forEach(from, tables, row -> {
            TableOwnership table = ownership.of(row.table());
            OwnerRecord record = isTouched(table, row) ? null : recordBefore(table, row);
            if (record == null || !isKept(table, record, from)) {
                return;
            }
            Partition to = resolver.resolve(table, record, layer);
            if (!to.equals(from)) {
                if (record.isLeft()) {
                    layer.put(table.ownerKey(row.key()), record.settled());
                }
                sink.moved(table, row.key(), row.tuple(), from, to, ordinal[0]++);
            }
        }));
    }

    /** Of a row that has no record, as it has no key, the archive alone tells who keeps it once what it names is gone. */
    private boolean isKept(TableOwnership table, OwnerRecord record, Partition partition) {
        boolean isGone = !table.isStored() && resolver.namesGone(table, record, before);
        return isGone
                ? partition instanceof Partition.OfTenant && !resolver.namesGone(table, record, layer)
                : resolver.resolve(table, record, before).equals(partition);
    }

    /** What nobody's row left behind does not go along when that comes back: it refers to nothing. */
    private void leaveNobodys(FoldedRow row) {
        TableOwnership table = ownership.of(row.table());
        OwnerRecord record = table.isStored() && !isTouched(table, row) ? recordBefore(table, row) : null;
        if (record != null && resolver.namesGone(table, record, before)) {
            layer.put(table.ownerKey(row.key()), OwnerRecord.nobody());
        }
    }

    /** Whether its own change, or its table's, has said what became of the row. */
    private boolean isTouched(TableOwnership table, FoldedRow row) {
        return truncated.contains(row.table().oid()) || (table.isStored() && layer.contains(table.ownerKey(row.key())));
    }

    private @Nullable OwnerRecord recordBefore(TableOwnership table, FoldedRow row) {
        return table.isStored() ? before.get(table.ownerKey(row.key())) : table.ownerOf(row.tuple());
    }
}
