package dev.reinstate.capture.attribution;

import dev.reinstate.capture.owner.OwnerChanges;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.OwnerResolver;
import dev.reinstate.capture.owner.OwnerView;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.capture.transaction.Transaction;
import dev.reinstate.model.Change;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Attributes committed transactions, one after another. Not thread-safe. */
public final class Attribution {
    private final Ownership ownership;
    private final OwnerResolver resolver;
    private final OwnerIndex index;
    private final PriorRows priorRows;
    private final Path directory;
    private final Map<TableName, Long> unattributed = new TreeMap<>();

    /** @param directory where what is worked out for transactions too large for memory is kept meanwhile */
    public Attribution(Ownership ownership, OwnerIndex index, PriorRows priorRows, Path directory) {
        this.ownership = ownership;
        this.resolver = new OwnerResolver(ownership);
        this.index = index;
        this.priorRows = priorRows;
        this.directory = directory;
    }

    /** How many changes found no tenant since the start, by table. */
    public Map<TableName, Long> unattributed() {
        return Map.copyOf(unattributed);
    }

    /**
     * Hands on the transaction's changes with the partitions they belong to.
     *
     * @param before the owners before the transaction
     * @param layer an empty layer over {@code before}; holds the owners as of the commit afterwards
     */
    public void attribute(Transaction transaction, OwnerView before, OwnerChanges layer, Consumer<Change> changes) {
        ChangeSink sink = new ChangeSink(transaction.commit(), changes, unattributed);
        try (StepLog log =
                transaction.isSpilled() ? new SpilledStepLog(transaction, ownership, directory) : new HeldStepLog()) {
            TruncatedParents gone = new TruncatedParents(ownership, resolver, layer, transaction, priorRows);
            OwnerPass pass = new OwnerPass(
                    ownership, resolver, layer, log, gone, transaction.commit().commitLsn());
            transaction.forEach(pass);
            if (pass.mayMove()) {
                new MovingTransaction(ownership, resolver, before, layer, log)
                        .attribute(transaction.size(), sink, index, priorRows);
            } else {
                log.forEach(step -> attribute(step, layer, sink));
            }
        }
    }

    /** In a transaction in which no row changes its owner, where a row belongs now is where it was. */
    private void attribute(Step step, OwnerChanges layer, ChangeSink sink) {
        switch (step.event().kind()) {
            case INSERT -> sink.row(step, settled(step, layer), Operation.INSERT, step.key(), step.row());
            case UPDATE -> sink.row(step, settled(step, layer), Operation.UPDATE, step.key(), step.row());
            case DELETE ->
                sink.row(
                        step, partition(step, step.owners().before(), layer), Operation.DELETE, step.key(), step.row());
            case TRUNCATE -> sink.truncated(step);
        }
    }

    private Partition settled(Step step, OwnerChanges layer) {
        Partition partition = partition(step, step.owners().after(), layer);
        settle(resolver, step, partition, layer);
        return partition;
    }

    /**
     * Makes a record of what is decided at the commit. A row that refers to nothing stays without a tenant until it changes
     * itself, even if what it names appears.
     */
    static void settle(OwnerResolver resolver, Step step, Partition partition, OwnerChanges layer) {
        OwnerRecord after = step.owners().after();
        if (after == null || !step.table().isStored()) {
            return;
        }
        if (partition instanceof Partition.Unattributed && resolver.dangles(step.table(), after, layer)) {
            replace(step, after, OwnerRecord.nobody(), layer);
        } else if (after.isAstray()) {
            replace(step, after, after.settled(), layer);
        }
    }

    /** Unless a later step of the transaction gave the row another record, or took it away. */
    static void replace(Step step, OwnerRecord after, OwnerRecord decided, OwnerChanges layer) {
        OwnerKey key = step.table().ownerKey(step.key());
        if (after.equals(layer.get(key))) {
            layer.put(key, decided);
        }
    }

    private Partition partition(Step step, @Nullable OwnerRecord record, OwnerView view) {
        return partition(resolver, step.table(), record, view);
    }

    static Partition partition(
            OwnerResolver resolver, TableOwnership table, @Nullable OwnerRecord record, OwnerView view) {
        return switch (table.kind()) {
            case OWNED -> resolver.resolve(table, record, view);
            case SHARED -> Partition.SHARED;
            case UNKNOWN -> Partition.UNATTRIBUTED;
        };
    }
}
