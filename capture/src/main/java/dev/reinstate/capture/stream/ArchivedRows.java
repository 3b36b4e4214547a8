package dev.reinstate.capture.stream;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.attribution.PriorRows;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import java.util.Set;
import java.util.function.Consumer;

/** Rows as the archive has them, once everything before the transaction at hand is durable. */
final class ArchivedRows implements PriorRows {
    private final ArchiveReader archive;
    private final Runnable makePendingDurable;
    private final CaptureListener listener;

    ArchivedRows(ArchiveReader archive, Runnable makePendingDurable, CaptureListener listener) {
        this.archive = archive;
        this.makePendingDurable = makePendingDurable;
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
        try (ArchiveReader.RowStream fold =
                archive.fold(partition, archive.state().durableTo().previous(), tables::contains)) {
            while (fold.hasNext()) {
                rows.accept(fold.next());
            }
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.NOT_RESTORABLE) {
                throw e;
            }
            // a row that was too large to be kept ends the fold: what comes after it cannot be completed either
            tables.forEach(table -> listener.tableUncertain(table, e.why()));
        }
    }
}
