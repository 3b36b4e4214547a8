package dev.reinstate.capture.image;

import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.ReplicationSlots.CreatedSlot;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the database holds at one position: every commit before it, none after. Ends with its connections. */
public final class ImageSnapshot implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Connection replication;
    private final Connection reading;
    private final CreatedSlot slot;

    private ImageSnapshot(Connection replication, Connection reading, CreatedSlot slot) {
        this.replication = replication;
        this.reading = reading;
        this.slot = slot;
    }

    /** Whose slot it is. */
    public enum Kind {
        /** Stays, to stream from the position on. */
        LASTING,
        /** Goes with the snapshot. */
        TEMPORARY
    }

    /** Is asked again and again while the server waits for open transactions before it makes a slot. */
    @FunctionalInterface
    public interface Waiting {
        /** Whether to go on waiting. */
        boolean goOn(Connection session);
    }

    /** Makes a slot of that name and opens the snapshot of its position; empty when it was not to be waited for. */
    public static Optional<ImageSnapshot> open(Database database, String slot, Kind kind, Waiting waiting) {
        Connection replication = database.connectReplication();
        Connection reading = null;
        try {
            reading = database.connect();
            Optional<CreatedSlot> created = create(replication, reading, slot, kind, waiting);
            if (created.isPresent()) {
                ReplicationSlots.useSnapshot(reading, created.get());
                return Optional.of(new ImageSnapshot(replication, reading, created.get()));
            }
            reading.close();
            replication.close();
            return Optional.empty();
        } catch (SQLException e) {
            closeQuietly(reading, replication);
            throw PostgresFailure.of("Cannot open a snapshot of " + database.displayName(), e);
        } catch (RuntimeException e) {
            closeQuietly(reading, replication);
            throw e;
        }
    }

    /** The server makes the slot once every transaction that writes at that moment has ended. */
    private static Optional<CreatedSlot> create(
            Connection replication, Connection watching, String slot, Kind kind, Waiting waiting) {
        FutureTask<CreatedSlot> creation = new FutureTask<>(() -> kind == Kind.LASTING
                ? ReplicationSlots.create(replication, slot)
                : ReplicationSlots.createTemporary(replication, slot));
        Thread.ofVirtual().name("slot creation").start(creation);
        try {
            while (true) {
                Optional<CreatedSlot> created = poll(creation);
                if (created.isPresent()) {
                    return created;
                }
                if (!waiting.goOn(watching)) {
                    return Optional.empty();
                }
            }
        } finally {
            if (!creation.isDone()) {
                ReplicationSlots.cancelCreation(replication);
                await(creation);
            }
        }
    }

    private static Optional<CreatedSlot> poll(FutureTask<CreatedSlot> creation) {
        try {
            return Optional.of(creation.get(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("creating a slot", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating a slot", e);
        }
    }

    private static void await(FutureTask<CreatedSlot> creation) {
        try {
            creation.get(PAUSE.toMillis() * 25, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // it was given up
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the server waits for, for people. */
    static List<String> openTransactions(Connection session) {
        return ReplicationSlots.openTransactions(session).stream()
                .map(open -> "process " + open.pid() + " of " + open.user() + ", open for "
                        + open.age().toSeconds() + " s")
                .toList();
    }

    public Lsn position() {
        return slot.consistentPoint();
    }

    /** The tables as they are in the snapshot. */
    public SourceTables tables(TenancyRules rules) {
        return SourceTables.of(Catalogue.read(reading), rules);
    }

    /** A read-only session that sees the snapshot. */
    Connection session() {
        return reading;
    }

    /** Nothing more is read: the server need not keep it for us. */
    void endReading() {
        try {
            reading.rollback();
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot end a snapshot", e);
        }
    }

    private static void closeQuietly(@Nullable Connection reading, Connection replication) {
        for (Connection connection : reading == null ? List.of(replication) : List.of(reading, replication)) {
            try {
                connection.close();
            } catch (SQLException e) {
                // what led here is said
            }
        }
    }

    @Override
    public void close() {
        try (replication) {
            reading.close();
        } catch (SQLException e) {
            throw ReinstateException.unavailable(
                    "A snapshot cannot be closed",
                    String.valueOf(e.getMessage()),
                    "nothing: capture connects again",
                    e);
        }
    }
}
