package dev.reinstate.capture.stream;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.attribution.PriorRows;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Rows as the archive has them, once everything before the transaction at hand is durable. */
final class ArchivedRows implements PriorRows {
    private final ArchiveReader archive;
    private final Runnable makePendingDurable;
    private final Ownership ownership;
    private final Supplier<Set<TableName>> unread;
    private final CaptureListener listener;

    /** @param unread tables of which the archive does not have all rows yet */
    ArchivedRows(
            ArchiveReader archive,
            Runnable makePendingDurable,
            Ownership ownership,
            Supplier<Set<TableName>> unread,
            CaptureListener listener) {
        this.archive = archive;
        this.makePendingDurable = makePendingDurable;
        this.ownership = ownership;
        this.unread = unread;
        this.listener = listener;
    }

    @Override
    public void prepare() {
        makePendingDurable.run();
        archive.refresh();
    }

    @Override
    public void forEach(Set<TableName> tables, Consumer<FoldedRow> rows) {
        archive.tenants().forEach(tenant -> forEach(Partition.of(tenant.tenant()), tables, rows));
        forEach(Partition.UNATTRIBUTED, tables, rows);
    }

    @Override
    public void forEach(Partition partition, Set<TableName> tables, Consumer<FoldedRow> rows) {
        Set<TableName> whole = new HashSet<>(tables);
        Set<TableName> partial = unread.get();
        partial.retainAll(tables);
        whole.removeAll(partial);
        fold(partition, whole, rows, Set.of(FailureKind.NOT_RESTORABLE));
        // each by itself: a change that leans on a row still to be read looks like damage, and ends its fold
        partial.forEach(
                table -> fold(partition, Set.of(table), rows, Set.of(FailureKind.NOT_RESTORABLE, FailureKind.DAMAGED)));
    }

    private void fold(
            Partition partition, Set<TableName> tables, Consumer<FoldedRow> rows, Set<FailureKind> tolerated) {
        if (tables.isEmpty()) {
            return;
        }
        try (ArchiveReader.RowStream fold = archive.fold(
                partition, archive.state().durableTo().previous(), table -> tables.contains(ownership.name(table)))) {
            while (fold.hasNext()) {
                rows.accept(fold.next());
            }
        } catch (ReinstateException e) {
            if (!tolerated.contains(e.kind())) {
                throw e;
            }
            // also a row that was too large to be kept: what comes after it cannot be completed either
            tables.forEach(table -> listener.tableUncertain(table, e.why()));
        }
    }
}
