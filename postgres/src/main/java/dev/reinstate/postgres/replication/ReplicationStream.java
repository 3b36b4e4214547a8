package dev.reinstate.postgres.replication;

import dev.reinstate.model.Lsn;
import dev.reinstate.postgres.Database;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads a slot's change stream. Nothing is confirmed to the server but what {@link #confirm} was told. One thread reads;
 * {@link #confirm} may be called from another.
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class ReplicationStream implements AutoCloseable {
    private ReplicationStream() {}

    /**
     * Starts streaming on a connection of its own. {@code CONFLICT} when the slot is streamed from already,
     * {@code NOT_RESTORABLE} when the slot is gone or invalidated: a new image is needed, what was captured stays
     * restorable.
     *
     * @param from the end LSN of what is durable; commits that end at or before it are not sent again
     * @param patience how long to wait while the slot is still held, for example by a predecessor that just died
     * @param statusInterval how often the server hears from us, 1–5 seconds
     */
    public static ReplicationStream start(
            Database database, SourceNames names, Lsn from, Duration patience, Duration statusInterval) {
        throw new UnsupportedOperationException(database.toString() + names + from + patience + statusInterval);
    }

    /** The next message of pgoutput; empty when none came within the time. Valid until the next read. */
    public Optional<ByteBuffer> read(Duration timeout) {
        throw new UnsupportedOperationException(timeout.toString());
    }

    /** Where the newest message read begins; {@link Lsn#ZERO} before the first. */
    public Lsn lastReceivedLsn() {
        throw new UnsupportedOperationException();
    }

    /**
     * How far the server has decoded, from its keepalives: when nothing of a transaction is pending, all up to here has
     * been received.
     */
    public Lsn serverEndLsn() {
        throw new UnsupportedOperationException();
    }

    /** Tells the server that everything up to here is durable, so that it may forget it. Never goes back. */
    public void confirm(Lsn durable) {
        throw new UnsupportedOperationException(durable.toString());
    }

    @Override
    public void close() {}
}
