package dev.reinstate.postgres.replication;

import dev.reinstate.model.Lsn;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Makes, looks at and drops logical replication slots. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class ReplicationSlots {
    private ReplicationSlots() {}

    /**
     * A new slot and the snapshot of its consistent point.
     *
     * @param consistentPoint every commit before it is visible in the snapshot, every later one arrives in the stream
     * @param snapshotName for {@link #useSnapshot}, valid until the replication connection is used again or closed
     */
    public record CreatedSlot(String name, Lsn consistentPoint, String snapshotName) {}

    /**
     * A slot as the server shows it.
     *
     * @param activePid the server process that streams from it now
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
     * @param safeWalSizeBytes what may still be written before the slot is in danger; empty without a limit
     * @param invalidationReason why the server gave it up, 17 and later; {@code wal_removed} before
     * @param retainedBytes write-ahead log kept back for it
     */
    public record SlotState(
            String name,
            String database,
            OptionalInt activePid,
            Optional<Lsn> restartLsn,
            Optional<Lsn> confirmedFlushLsn,
            Optional<String> walStatus,
            OptionalLong safeWalSizeBytes,
            Optional<String> invalidationReason,
            long retainedBytes) {
        /** Whether the stream can go on from it. */
        public boolean isUsable() {
            return invalidationReason.isEmpty() && !walStatus.equals(Optional.of("lost"));
        }
    }

    /** A transaction that a slot's creation must wait for. */
    public record OpenTransaction(int pid, String user, String applicationName, String state, Duration age) {}

    /**
     * Creates a pgoutput slot and exports its snapshot. Waits for every transaction that is writing at that moment (see
     * {@link #openTransactions}). {@code CONFLICT} when a slot of that name exists.
     *
     * @param replication a connection of {@link dev.reinstate.postgres.Database#connectReplication}
     */
    public static CreatedSlot create(Connection replication, String slot) {
        throw new UnsupportedOperationException(replication + slot);
    }

    /** Begins a read-only transaction that sees exactly the snapshot of a slot's creation. */
    public static void useSnapshot(Connection connection, CreatedSlot slot) {
        throw new UnsupportedOperationException(connection.toString() + slot);
    }

    /** The writing transactions a slot's creation waits for, oldest first. */
    public static List<OpenTransaction> openTransactions(Connection connection) {
        throw new UnsupportedOperationException(connection.toString());
    }

    public static Optional<SlotState> state(Connection connection, String slot) {
        throw new UnsupportedOperationException(connection + slot);
    }

    /** Drops the slot if there is one. {@code CONFLICT} while it is streamed from. */
    public static boolean drop(Connection connection, String slot) {
        throw new UnsupportedOperationException(connection + slot);
    }
}
