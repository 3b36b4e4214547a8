package dev.reinstate.capture.source;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.CatalogueMark;
import dev.reinstate.postgres.replication.Publications;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the source while the stream is followed, on a thread and a session of its own: follows the tables with the
 * publications, so that nothing of ours makes a user's write fail for long, and sees how much log is kept back for us.
 * It runs on when the archive does not answer, which is when it is needed.
 */
public final class SourceWatch implements AutoCloseable {
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(30);
    private static final long WORTH_A_HEARTBEAT_BYTES = 16L << 20;
    private static final Duration FULL_LOOK_INTERVAL = Duration.ofMinutes(1);

    /** So many times longer than a look is the pause after it, at least, up to a limit: the source has better to do. */
    private static final int PAUSE_PER_LOOK = 10;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Database database;
    private final SourceNames names;
    private final SourceLock lock;
    private final TenancyRules rules;
    private final TableWatch tableWatch;
    private final OptionalLong letGoAfterBytes;
    private final Events events;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("source watch").daemon().factory());
    private @Nullable Connection connection;
    private SourceTables tables;
    private List<SourceTables.Unprotected> unprotected = List.of();
    private LetGoPolicy.Pressure pressure = LetGoPolicy.Pressure.NONE;
    private Duration interval = Duration.ZERO;
    private long nextHeartbeatNanos = System.nanoTime() + HEARTBEAT_INTERVAL.toNanos();
    private long nextLookNanos = System.nanoTime();
    private long nextFullLookNanos = System.nanoTime();
    private @Nullable CatalogueMark mark;
    private String lastFailure = "";
    private @Nullable ScheduledFuture<?> ticking;
    private volatile @Nullable Ending ending;

    /** Hears what the watch sees. */
    public interface Events {
        void unprotectedTables(List<SourceTables.Unprotected> tables);

        void publicationsChanged(List<String> statements);

        void tableUncertain(TableName table, String why);

        void retainedLog(LetGoPolicy.Pressure pressure, long retainedBytes, long limitBytes);

        void sourceLog(long retainedBytes, long limitBytes);

        /** After each look; the session may be used. */
        void looked(Connection session);

        void failed(ReinstateException failure, Duration pause);
    }

    /** Why following the stream must end. */
    public sealed interface Ending {
        /** Too much log is kept back. */
        record LetGo(long retainedBytes, long limitBytes) implements Ending {}

        /** The tables are not those any more that capture began with: begin again. */
        record TablesChanged() implements Ending {}

        /** The session that keeps others away is lost. */
        record LockLost() implements Ending {}
    }

    /**
     * @param tables those that capture began with
     * @param tableWatch what compares them with the archive's
     */
    public SourceWatch(
            Database database,
            SourceNames names,
            SourceLock lock,
            SourceTables tables,
            TableWatch tableWatch,
            OptionalLong letGoAfterBytes,
            Events events) {
        this.database = database;
        this.names = names;
        this.lock = lock;
        this.rules = tables.rules();
        this.tables = tables;
        this.tableWatch = tableWatch;
        this.letGoAfterBytes = letGoAfterBytes;
        this.events = events;
    }

    /**
     * Looks now, and again whenever that long has passed since the last look; later where a look takes long, of which the
     * source is spared most of the time.
     */
    public void start(Duration pause) {
        interval = pause;
        ticking = thread.scheduleWithFixedDelay(this::tickWhenDue, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Does not wait for the next interval. From any thread. */
    public void lookNow() {
        thread.execute(this::tick);
    }

    /** Empty as long as all is well. */
    public Optional<Ending> ending() {
        ScheduledFuture<?> running = ticking;
        if (running != null && running.isDone()) {
            running.resultNow(); // it never ends but by a fault of ours
        }
        return Optional.ofNullable(ending);
    }

    private void tickWhenDue() {
        if (System.nanoTime() - nextLookNanos >= 0) {
            tick();
        }
    }

    private void tick() {
        if (ending != null) {
            return;
        }
        long began = System.nanoTime();
        try {
            Connection session = session();
            if (!lock.isHeld()) {
                ending = new Ending.LockLost();
                return;
            }
            watchLog(session);
            watchTables(session);
            events.looked(session);
            lastFailure = "";
        } catch (ReinstateException e) {
            disconnect();
            if (!String.valueOf(e.getMessage()).equals(lastFailure)) {
                lastFailure = String.valueOf(e.getMessage());
                events.failed(e, interval);
            }
        }
        long ended = System.nanoTime();
        nextLookNanos = ended + Math.min((ended - began) * PAUSE_PER_LOOK, LONGEST_PAUSE.toNanos());
    }

    private Connection session() {
        Connection open = connection;
        if (open == null) {
            open = database.connect();
            connection = open;
            Query.execute(open, "Cannot set up a session", "SET lock_timeout = '1s'; SET statement_timeout = '30s'");
        }
        return open;
    }

    private void watchLog(Connection session) {
        Optional<ReplicationSlots.SlotState> slot = ReplicationSlots.state(session, names.slot());
        if (slot.isEmpty()) {
            return; // the stream will say so
        }
        long retained = slot.get().retainedBytes();
        LetGoPolicy policy = LetGoPolicy.read(session, letGoAfterBytes);
        events.sourceLog(retained, policy.limitBytes());
        LetGoPolicy.Pressure now = policy.pressure(retained);
        if (now != pressure) {
            pressure = now;
            events.retainedLog(now, retained, policy.limitBytes());
        }
        if (now == LetGoPolicy.Pressure.LET_GO) {
            ending = new Ending.LetGo(retained, policy.limitBytes());
        } else if (System.nanoTime() - nextHeartbeatNanos >= 0) {
            nextHeartbeatNanos = System.nanoTime() + HEARTBEAT_INTERVAL.toNanos();
            if (retained > WORTH_A_HEARTBEAT_BYTES) {
                heartbeat(session);
            }
        }
    }

    /** Something of this database in the log, so that the slot moves on while only other databases write. */
    private static void heartbeat(Connection session) {
        Query.one(
                session,
                "Cannot write a heartbeat",
                "SELECT pg_logical_emit_message(false, 'reinstate', 'heartbeat')",
                row -> true);
    }

    private void watchTables(Connection session) {
        TableWatch.Before before = tableWatch.before(session, tables);
        CatalogueMark seenNow = CatalogueMark.read(session);
        if (seenNow.equals(mark) && System.nanoTime() - nextFullLookNanos < 0) {
            tableWatch.look(session, before, tables);
            return;
        }
        mark = null;
        SourceTables now = SourceTables.of(Catalogue.read(session), rules);
        if (areOthers(now)) {
            return;
        }
        Publications.Published published = Publications.read(session, names);
        Publications.Wanted wanted = now.publications();
        List<String> statements = Publications.apply(session, names, wanted);
        if (!statements.isEmpty()) {
            events.publicationsChanged(statements);
            tellUncertain(published.rows().map(List::copyOf).orElse(List.of()), wanted);
            now = SourceTables.of(Catalogue.read(session), rules);
            if (areOthers(now)) {
                return; // altering the publications may have waited for locks, and tables have come meanwhile
            }
        }
        tables = now;
        tableWatch.look(session, before, now);
        List<SourceTables.Unprotected> seen = now.unprotected();
        if (!seen.equals(unprotected)) {
            unprotected = seen;
            events.unprotectedTables(seen);
        }
        if (statements.isEmpty()) {
            mark = seenNow; // else what we altered is to be seen first
            nextFullLookNanos = System.nanoTime() + FULL_LOOK_INTERVAL.toNanos();
        }
    }

    /** Whether capture has to begin again with other tables. */
    private boolean areOthers(SourceTables now) {
        boolean others = !now.map().equals(tables.map()) || !TableWatch.sameTables(now, tables);
        if (others) {
            ending = new Ending.TablesChanged();
        }
        return others;
    }

    private void tellUncertain(Collection<TableName> rowsBefore, Publications.Wanted wanted) {
        TreeSet<TableName> added = new TreeSet<>(wanted.rows());
        added.removeAll(rowsBefore);
        added.forEach(table -> events.tableUncertain(
                table,
                "it was not published for all changes until now; rows changed before may be missing or doubled"));
        TreeSet<TableName> lost = new TreeSet<>(rowsBefore);
        lost.retainAll(wanted.inserts());
        lost.forEach(table -> events.tableUncertain(
                table, "it lost its replica identity; from now on only its inserts are captured"));
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        mark = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                // it was broken, which is why it is given up
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            boolean ended = thread.awaitTermination(35, TimeUnit.SECONDS);
            if (ended) {
                disconnect();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
