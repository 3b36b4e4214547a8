package dev.reinstate.restore.apply;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A connection that breaks during a commit leaves open whether there was one: the server is asked over another. */
final class CommitOutcome {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(250);

    private final Database database;
    private final StoreIdentity identity;

    /** @param identity of the server that the transaction runs on: another may use its number for another transaction */
    CommitOutcome(Database database, StoreIdentity identity) {
        this.database = database;
        this.identity = identity;
    }

    /** Where and when, at the latest. */
    record Seen(Lsn end, Instant time) {}

    /** What became of a transaction, a status for each that the server knows. */
    private record Answer(Optional<String> status, Seen seen) {}

    /** Whether that failure says nothing about whether the transaction was committed. */
    static boolean isOpen(Connection connection, SQLException failure) {
        String state = PostgresFailure.state(failure);
        return state.startsWith("08") || state.startsWith("57P") || isClosed(connection);
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /**
     * The commit of a transaction. {@code UNAVAILABLE} when it was rolled back, and when the server cannot be asked or
     * does not know, within half a minute.
     *
     * @param xid in 64 bits
     */
    Seen require(TenantId tenant, String xid, SQLException cause) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<Answer> answer = ask(xid);
            String status = answer.flatMap(Answer::status).orElse("");
            if (status.equals("committed")) {
                return answer.orElseThrow().seen();
            }
            if (status.equals("aborted")) {
                throw ReinstateException.unavailable(
                        "Tenant " + tenant + " was not restored",
                        "the connection broke before the commit of transaction " + xid
                                + ", which the server has rolled back",
                        "run the same restore again; nothing was changed",
                        cause);
            }
            if (answer.isPresent() && status.isEmpty()) {
                break;
            }
            LockSupport.parkNanos(POLL.toNanos()); // the server is not back, or has not noticed yet
        }
        throw ReinstateException.unavailable(
                "Whether tenant " + tenant + " was restored is not known",
                "the connection broke during the commit of transaction " + xid + ", and the server cannot say what"
                        + " became of it",
                "run the same restore again: it finds everything right, or does it now; nothing is half-written",
                cause);
    }

    /** Empty while there is no connection; without a status where another server answers or this one has forgotten. */
    private Optional<Answer> ask(String xid) {
        try (Connection connection = database.connect()) {
            if (!Database.identity(connection).equals(identity)) {
                return Optional.of(new Answer(Optional.empty(), new Seen(Lsn.ZERO, Instant.EPOCH)));
            }
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT pg_xact_status(?::text::xid8), pg_current_wal_insert_lsn()::text, clock_timestamp()")) {
                statement.setString(1, xid);
                try (ResultSet result = statement.executeQuery()) {
                    result.next();
                    Seen seen = new Seen(
                            Lsn.parse(result.getString(2)),
                            result.getTimestamp(3).toInstant());
                    return Optional.of(new Answer(Optional.ofNullable(result.getString(1)), seen));
                }
            }
        } catch (SQLException | ReinstateException e) {
            return Optional.empty();
        }
    }
}
