package dev.reinstate.bench.load;

import dev.reinstate.bench.server.Database;
import dev.reinstate.model.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One writer that commits at a fixed pace and remembers when it committed what. */
public final class SteadyLoad {
    private final Workload workload;
    private final Duration pace;

    public SteadyLoad(Workload workload, Duration pace) {
        this.workload = workload;
        this.pace = pace;
    }

    /**
     * One transaction.
     *
     * @param position at or after the end of its commit record
     * @param nanos when it was begun: what is called its delay is a little longer than it was
     */
    public record Committed(Lsn position, long nanos, long changes) {}

    /** Writes for that long. A writer that cannot keep the pace goes on as fast as it can. */
    public List<Committed> run(Database database, Duration length, double seed)
            throws SQLException, InterruptedException {
        List<Committed> commits = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            long begin = System.nanoTime();
            for (long due = begin; due - begin < length.toNanos(); due += pace.toNanos()) {
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                long start = System.nanoTime();
                long changes = workload.change(connection, 1, (seed + commits.size() * 0.618) % 1);
                commits.add(new Committed(position(statement), start, changes));
            }
        }
        return commits;
    }

    private static Lsn position(Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT pg_current_wal_insert_lsn()")) {
            result.next();
            return Lsn.parse(result.getString(1));
        }
    }
}
