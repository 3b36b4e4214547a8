package dev.reinstate.postgres.replication;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Tells an idle server from one that cannot be reached any more. A connection that is cut without a word stays open for
 * a quarter of an hour on our side, and the driver does not tell when it last heard anything; so after a silence the
 * server is asked by a connection of its own whether someone still streams from the slot.
 */
final class Liveness {
    private final Database database;
    private final String slot;
    private final long silenceNanos;
    private boolean silent;
    private long silentSince;

    Liveness(Database database, String slot, Duration silence) {
        this.database = database;
        this.slot = slot;
        this.silenceNanos = silence.toNanos();
    }

    void heard() {
        silent = false;
    }

    /** {@code UNAVAILABLE} when the silence is that of a dead connection. */
    void heardNothing() {
        long now = System.nanoTime();
        if (!silent) {
            silent = true;
            silentSince = now;
        } else if (now - silentSince >= silenceNanos) {
            ask();
            silentSince = System.nanoTime();
        }
    }

    private void ask() {
        try (Connection connection = database.connect()) {
            boolean streaming = ReplicationSlots.state(connection, slot)
                    .map(state -> state.activePid().isPresent())
                    .orElse(false);
            if (!streaming) {
                throw ReinstateException.unavailable(
                        "Cannot read the change stream",
                        "the server has ended it without our hearing of it",
                        "start again",
                        null);
            }
        } catch (ReinstateException e) {
            // a server that has no room for another session is alive
            if (!(e.getCause() instanceof SQLException cause
                    && PostgresFailure.state(cause).startsWith("53"))) {
                throw e;
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot read the change stream", e);
        }
    }
}
