package dev.reinstate.capture.attribution;

import dev.reinstate.capture.owner.HeldValues;
import dev.reinstate.capture.owner.OwnerChanges;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.OwnerResolver;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.owner.TableOwnership;
import dev.reinstate.capture.transaction.RowEvent;
import dev.reinstate.capture.transaction.Transaction;
import dev.reinstate.model.Lsn;
import org.jspecify.annotations.Nullable;

/** Goes through a transaction once and leaves in the layer the owners as of its commit, in the log every step. */
final class OwnerPass implements Transaction.Visitor {
    private final Ownership ownership;
    private final OwnerResolver resolver;
    private final OwnerChanges layer;
    private final StepLog log;
    private final TruncatedParents gone;
    private final Lsn commitLsn;
    private final HeldValues held;
    private boolean mayMove;

    OwnerPass(
            Ownership ownership,
            OwnerResolver resolver,
            OwnerChanges layer,
            StepLog log,
            TruncatedParents gone,
            Lsn commitLsn) {
        this.ownership = ownership;
        this.resolver = resolver;
        this.layer = layer;
        this.held = new HeldValues(resolver, layer);
        this.log = log;
        this.gone = gone;
        this.commitLsn = commitLsn;
    }

    /** Whether a row may have changed its owner or its key, so that more than its own change follows. */
    boolean mayMove() {
        return mayMove;
    }

    @Override
    public void accept(RowEvent event, long ordinal) {
        TableOwnership table = ownership.of(event.table());
        Step step = Step.read(event, ordinal, table, commitLsn);
        mayMove |= step.isRekey();
        log.add(
                switch (event.kind()) {
                    case INSERT -> step.withOwners(inserted(table, step));
                    case UPDATE -> step.withOwners(updated(table, step));
                    case DELETE -> step.withOwners(deleted(table, step));
                    case TRUNCATE -> truncated(table, step);
                });
    }

    private Step.Owners inserted(TableOwnership table, Step step) {
        if (!table.isOwned()) {
            return Step.Owners.NONE;
        }
        mayMove |= held.take(table, step.oldKey(), step.key(), step.row());
        OwnerRecord named = table.ownerOf(step.row());
        OwnerRecord after = named == null ? OwnerRecord.nobody() : resolver.refer(table, named, layer);
        if (!table.isStored()) {
            return new Step.Owners(null, after, false);
        }
        OwnerKey key = table.ownerKey(step.key());
        OwnerRecord before = null;
        boolean touched = false;
        if (table.hasDescendants()) {
            // a parent's record outlives its row: children may hang on it still
            touched = layer.contains(key);
            before = layer.get(key);
            mayMove |= before != null && !before.equals(after);
        }
        layer.put(key, after);
        return new Step.Owners(before, after, touched);
    }

    private Step.Owners updated(TableOwnership table, Step step) {
        if (!table.isOwned()) {
            return Step.Owners.NONE;
        }
        mayMove |= held.take(table, step.oldKey(), step.key(), step.row());
        if (!table.isStored()) {
            return new Step.Owners(table.ownerOf(step.oldKey()), table.ownerOf(step.key()), false);
        }
        OwnerKey oldKey = table.ownerKey(step.oldKey());
        boolean touched = layer.contains(oldKey);
        OwnerRecord before = ownerBefore(table, step, oldKey);
        OwnerRecord after = ownerAfter(table, step, before);
        if (step.isRekey()) {
            forget(table, oldKey, before);
            layer.put(table.ownerKey(step.key()), after);
        } else if (after.equals(before)) {
            layer.touch(oldKey);
        } else {
            mayMove |= before != null;
            layer.put(oldKey, after);
        }
        return new Step.Owners(before, after, touched);
    }

    private @Nullable OwnerRecord ownerBefore(TableOwnership table, Step step, OwnerKey key) {
        OwnerRecord known = layer.get(key);
        return known == null && step.event().oldIsWhole()
                ? table.ownerOf(step.event().old())
                : known;
    }

    private OwnerRecord ownerAfter(TableOwnership table, Step step, @Nullable OwnerRecord before) {
        OwnerRecord named = table.leavesOwnerOpen(step.row()) ? before : table.ownerOf(step.row());
        if (named != null && before != null && named.equals(before.settled())) {
            return before;
        }
        if (named != null) {
            return resolver.refer(table, named, layer);
        }
        // what named its owner was set to NULL: the row stays with the owner it had
        return before == null ? OwnerRecord.nobody() : OwnerRecord.keptBy(resolver.resolve(table, before, layer));
    }

    private Step.Owners deleted(TableOwnership table, Step step) {
        if (!table.isOwned()) {
            return Step.Owners.NONE;
        }
        if (!table.isStored()) {
            OwnerRecord named = table.ownerOf(step.key());
            giveUpValues(table, step, named);
            return new Step.Owners(named, null, false);
        }
        OwnerKey key = table.ownerKey(step.key());
        boolean touched = layer.contains(key);
        OwnerRecord before = ownerBefore(table, step, key);
        giveUpValues(table, step, before);
        forget(table, key, before);
        return new Step.Owners(before, null, touched);
    }

    private void giveUpValues(TableOwnership table, Step step, @Nullable OwnerRecord before) {
        if (table.hasUniqueValues()) {
            held.giveUp(table, step.key(), resolver.resolve(table, before, layer));
        }
    }

    /** A parent's record stays, with the owner it had last, for children that are deleted after it or outlive it. */
    private void forget(TableOwnership table, OwnerKey key, @Nullable OwnerRecord before) {
        if (!table.hasDescendants()) {
            layer.remove(key);
        } else if (before == null) {
            layer.touch(key);
        } else {
            layer.put(key, OwnerRecord.dead(resolver.resolve(table, before, layer)));
        }
    }

    private Step truncated(TableOwnership table, Step step) {
        if (table.isStored() && table.hasDescendants()) {
            gone.truncated(table, step.ordinal());
        } else if (table.isStored() && !table.isPartition()) {
            layer.truncate(table.indexOid());
        }
        return step;
    }
}
