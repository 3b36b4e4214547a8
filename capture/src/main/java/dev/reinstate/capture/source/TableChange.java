package dev.reinstate.capture.source;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.catalogue.Table;
import java.util.Optional;
import java.util.Set;

/**
 * A table that the source has otherwise than the archive last had it.
 *
 * @param now as it is; empty when it is gone, or not captured any more
 * @param before as the archive last had it; empty when it never had
 * @param effect what that means for its rows
 * @param ownersToo whether rows may belong to others than before, and with them the rows whose paths lead through it
 * @param reason for people, what happened to the rows
 */
public record TableChange(
        int oid,
        TableName name,
        Optional<Table> now,
        Optional<TableVersion> before,
        Effect effect,
        boolean ownersToo,
        String reason) {

    /** What a change means for the rows of a table. */
    public enum Effect {
        /** The rows are what they were. */
        NONE,
        /**
         * They lie in another file and are otherwise untouched to all appearance: TRUNCATE, VACUUM FULL and CLUSTER do
         * that, and a stay among the unlogged tables, where the server allows it.
         */
        MOVED,
        /** They may be others, and the stream did not say so: read them. */
        CHANGED,
        /** From now on they change without the stream saying so. */
        UNSEEN,
        /** There are none any more. */
        GONE
    }

    /** By which the table is in publications of ours; none when it is gone. */
    public Set<Long> memberships() {
        return now.map(table -> table.storage().memberships()).orElse(Set.of());
    }

    /** Whether rows may be others than the archive has them. */
    public boolean mayConcernRows() {
        return effect == Effect.CHANGED || effect == Effect.MOVED || effect == Effect.GONE;
    }
}
