package dev.reinstate.postgres.replication;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.replication.ReplicationSlots.SlotState;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * Reads a slot's change stream. Nothing is confirmed to the server but what {@link #confirm} was told. One thread reads
 * and closes; {@link #confirm} and the LSNs may be used from others.
 *
 * <p>What an interruption leaves behind: the slot, where it was last confirmed to. The server holds it for a dead client
 * until it notices, which {@code patience} bridges.
 */
public final class ReplicationStream implements AutoCloseable {
    private static final String FAILURE = "Cannot read the change stream";
    private static final int STALLED_MILLIS = 60_000;
    private static final long SHORTEST_PAUSE_NANOS = 500_000;
    private static final long LONGEST_PAUSE_NANOS = 8_000_000;
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final Duration SLOT_POLL = Duration.ofMillis(50);

    /** Held on purpose: the driver closes a connection nobody refers to, and the stream with it. */
    private final Connection connection;

    private final PGReplicationStream stream;
    private final Liveness liveness;
    private volatile Lsn lastReceived = Lsn.ZERO;
    private volatile Lsn serverEnd = Lsn.ZERO;
    private volatile Lsn confirmed;

    private ReplicationStream(Connection connection, PGReplicationStream stream, Liveness liveness, Lsn confirmed) {
        this.connection = connection;
        this.stream = stream;
        this.liveness = liveness;
        this.confirmed = confirmed;
        acknowledge(confirmed);
    }

    /**
     * Starts streaming on a connection of its own. {@code CONFLICT} when the slot is streamed from already,
     * {@code NOT_RESTORABLE} when the slot is gone, invalidated or ahead of {@code from}: a new image is needed, what was
     * captured stays restorable.
     *
     * @param from the end LSN of what is durable; commits that end at or before it are not sent again
     * @param patience how long to wait while the slot is still held, for example by a predecessor that just died
     * @param statusInterval how often the server hears from us, 1–5 seconds
     */
    public static ReplicationStream start(
            Database database, SourceNames names, Lsn from, Duration patience, Duration statusInterval) {
        return start(database, names, from, patience, statusInterval, SILENCE);
    }

    static ReplicationStream start(
            Database database,
            SourceNames names,
            Lsn from,
            Duration patience,
            Duration statusInterval,
            Duration silence) {
        Connection connection = database.connectReplication();
        try {
            ReplicationSlots.handOver(connection, awaitFreeSlot(connection, names.slot(), from, patience));
            PGReplicationStream stream = connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(names.slot())
                    .withStartPosition(LogSequenceNumber.valueOf(from.value()))
                    .withStatusInterval(Math.toIntExact(statusInterval.toMillis()), TimeUnit.MILLISECONDS)
                    .withAutomaticFlush(false)
                    .withSlotOption("proto_version", "1")
                    .withSlotOption("publication_names", names.rowsPublication() + "," + names.insertsPublication())
                    .withSlotOption("messages", "true")
                    .start();
            // the driver waits as long as the status interval within a message, or for ever: neither is right
            connection.setNetworkTimeout(Runnable::run, STALLED_MILLIS);
            return new ReplicationStream(connection, stream, new Liveness(database, names.slot(), silence), from);
        } catch (SQLException e) {
            closeQuietly(connection, e);
            throw PostgresFailure.of("Cannot stream from slot " + names.slot(), e);
        } catch (RuntimeException e) {
            closeQuietly(connection, e);
            throw e;
        }
    }

    private static SlotState awaitFreeSlot(Connection connection, String slot, Lsn from, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            SlotState state = ReplicationSlots.state(connection, slot)
                    .orElseThrow(() -> slotLost(slot, "the slot does not exist any more"));
            if (!state.isUsable()) {
                throw slotLost(
                        slot,
                        "the server invalidated it ("
                                + state.invalidationReason().orElse("unknown reason") + ")");
            }
            if (state.confirmedFlushLsn().orElse(Lsn.ZERO).isAfter(from)) {
                throw slotLost(
                        slot,
                        "it stands at " + state.confirmedFlushLsn().orElse(Lsn.ZERO) + ", after " + from
                                + " which is asked for: someone else has read from it");
            }
            if (state.activePid().isEmpty()) {
                return state;
            }
            if (System.nanoTime() - deadline >= 0) {
                throw ReplicationSlots.heldByAnother(
                        "Cannot stream from slot " + slot, state.activePid().getAsInt());
            }
            LockSupport.parkNanos(SLOT_POLL.toNanos());
        }
    }

    private static ReinstateException slotLost(String slot, String why) {
        return ReinstateException.notRestorable(
                "The change stream of slot " + slot + " cannot be continued",
                why,
                "take a new image (`reinstate protect` does, over a recorded gap); everything captured until the gap"
                        + " stays restorable");
    }

    private static void closeQuietly(Connection connection, Exception failure) {
        try {
            connection.close();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    /** The next message of pgoutput; empty when none came within the time or the thread was interrupted. */
    public Optional<ByteBuffer> read(Duration timeout) {
        ByteBuffer message = poll();
        if (message != null) {
            liveness.heard();
            return Optional.of(message);
        }
        liveness.heardNothing();
        long deadline = System.nanoTime() + timeout.toNanos();
        long pause = SHORTEST_PAUSE_NANOS;
        while (System.nanoTime() - deadline < 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
            message = poll();
            if (message != null) {
                liveness.heard();
                return Optional.of(message);
            }
        }
        return Optional.empty();
    }

    /** Looks for a message without waiting for one, longer than a millisecond; says our status when it is time. */
    private @Nullable ByteBuffer poll() {
        try {
            ByteBuffer message = stream.readPending();
            Lsn reached = new Lsn(stream.getLastReceiveLSN().asLong());
            if (message != null) {
                lastReceived = reached;
            } else if (reached.isAfter(serverEnd)) {
                serverEnd = reached;
                liveness.heard();
            }
            return message;
        } catch (SQLException e) {
            throw PostgresFailure.of(FAILURE, e);
        }
    }

    /** Where the newest message read begins; {@link Lsn#ZERO} before the first. A commit's is its end LSN. */
    public Lsn lastReceivedLsn() {
        return lastReceived;
    }

    /**
     * How far the server has decoded, from its keepalives, as of the last {@link #read} that found nothing: when no
     * transaction is pending, everything up to here has been read. {@link Lsn#ZERO} before.
     */
    public Lsn serverEndLsn() {
        return serverEnd;
    }

    /**
     * Tells the server that everything up to here is durable, so that it may forget it. Sent with the next status.
     * Never goes back.
     */
    public synchronized void confirm(Lsn durable) {
        if (durable.isAfter(confirmed)) {
            confirmed = durable;
            acknowledge(durable);
        }
    }

    private void acknowledge(Lsn durable) {
        LogSequenceNumber lsn = LogSequenceNumber.valueOf(durable.value());
        stream.setFlushedLSN(lsn);
        stream.setAppliedLSN(lsn);
    }

    /** Sends the status now, with what was confirmed. By the reading thread. */
    public void sendStatus() {
        try {
            stream.forceUpdateStatus();
        } catch (SQLException e) {
            throw PostgresFailure.of(FAILURE, e);
        }
    }

    /** Says what was confirmed, as far as the server still listens, and leaves the slot to the next. */
    @Override
    public void close() {
        try {
            if (!stream.isClosed()) {
                stream.forceUpdateStatus();
            }
        } catch (SQLException e) {
            // the confirmation is sent again by whoever streams next
        }
        try {
            connection.close();
        } catch (SQLException e) {
            // it was broken before; the driver has let go of the socket all the same
        }
    }
}
