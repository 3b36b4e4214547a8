package dev.reinstate.postgres.replication;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.PostgresFailure;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * From which timelines a server's own came, and where it left each. A timeline begins when a standby is promoted or a
 * backup is recovered; up to the place where it left another, both are the same.
 */
public final class TimelineHistory {
    private final SortedMap<Integer, Lsn> leftAt;

    private TimelineHistory(SortedMap<Integer, Lsn> leftAt) {
        this.leftAt = leftAt;
    }

    /**
     * Asks a server for the history of a timeline.
     *
     * @param replication a connection of {@link dev.reinstate.postgres.Database#connectReplication}
     * @param timeline the server's own, at least 1
     */
    public static TimelineHistory read(Connection replication, int timeline) {
        if (timeline == 1) {
            return new TimelineHistory(new TreeMap<>());
        }
        String failure = "Cannot read the history of timeline " + timeline;
        try (var statement = replication.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            if (!row.next()) {
                throw ReinstateException.bug(failure, "the server's answer has no row");
            }
            return parse(row.getString("content"));
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    /** Lines of number, tab, switch point, tab, reason; and comments. */
    static TimelineHistory parse(String content) {
        SortedMap<Integer, Lsn> leftAt = new TreeMap<>();
        for (String line : content.split("\n", -1)) {
            String[] fields = line.strip().split("\\s+", 3);
            if (fields.length >= 2 && fields[0].matches("[0-9]{1,9}")) {
                leftAt.put(Integer.parseInt(fields[0]), Lsn.parse(fields[1]));
            }
        }
        return new TimelineHistory(leftAt);
    }

    /** Up to where an earlier timeline is part of this one; empty when it is none of its ancestors. */
    public Optional<Lsn> leftAt(int ancestor) {
        return Optional.ofNullable(leftAt.get(ancestor));
    }
}
