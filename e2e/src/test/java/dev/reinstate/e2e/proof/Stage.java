package dev.reinstate.e2e.proof;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.model.Lsn;
import dev.reinstate.postgres.Database;
import dev.reinstate.restore.RestoreListener;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.RestoreSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.postgresql.PGConnection;

/** A database with a made-up schema, the sessions that write to it, the oracle that looks at it and a capture. */
final class Stage implements AutoCloseable {
    /** Every transaction of more than a few rows goes through the disk. */
    static final CaptureSettings.Limits TINY = new CaptureSettings.Limits(4096, 1500, 64 << 20);

    /** What a deadlocked statement waits at most, should the other one have got away. */
    static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    final ProofSchema schema;
    final Database database;
    /** What was true at every look before the first restore. */
    final List<Truth> truths = new ArrayList<>();

    final RestoreComparison restores = new RestoreComparison(this);

    private final ProofServer server;
    private final String name;
    private final Path directory;
    private final CaptureUnderTest capture;
    private final Connection oracle;
    private final TruthReader truthReader;
    private final TreeMap<Integer, Connection> sessions = new TreeMap<>();
    private final TreeMap<Integer, Truth> looks = new TreeMap<>();
    private final List<Difference> restoreDifferences = new ArrayList<>();
    private boolean hasRestored;

    Stage(ProofServer server, String name, ProofSchema schema, Path directory, CaptureSettings.Limits limits)
            throws SQLException {
        this.server = server;
        this.name = name;
        this.directory = directory;
        this.schema = schema;
        server.drop(name);
        this.database = server.create(name);
        for (String statement : schema.ddl()) {
            Sql.run(session(1), statement);
        }
        this.capture = new CaptureUnderTest(database, schema.rules(), directory.resolve(name), limits);
        this.oracle = server.connect(name);
        this.truthReader = new TruthReader(oracle, schema);
    }

    Connection session(int number) throws SQLException {
        Connection session = sessions.get(number);
        if (session == null) {
            session = server.connect(name);
            // one thread drives all sessions: whoever would wait for another fails instead
            Sql.run(session, "SET lock_timeout = '30ms'");
            sessions.put(number, session);
        }
        return session;
    }

    /** Does what happens to capture, looks and restores. */
    void perform(Step step) throws SQLException {
        if (step.isLook()) {
            Truth truth = look();
            looks.put(step.number(), truth);
            if (!hasRestored) {
                truths.add(truth);
            }
        } else if (step.isRestore()) {
            restore(step);
        } else {
            capture.perform(step);
        }
    }

    /** Runs a statement of a session; with what another session does against it. */
    void run(Step step) throws SQLException {
        if (step.against().isEmpty()) {
            Sql.run(session(step.actor()), step.sql());
        } else {
            Step waiting = step.against().get();
            Connection other = session(waiting.actor());
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                Sql.run(other, waiting.sql());
                return true;
            });
            Thread thread = Thread.ofPlatform().name("waits for locks").start(task);
            awaitWaiting(other, thread);
            try {
                Sql.run(session(step.actor()), step.sql());
            } finally {
                join(thread);
            }
        }
        step.afterwards().accept(schema);
    }

    /** Returns when the session waits for a lock, or has ended without. */
    private void awaitWaiting(Connection session, Thread thread) throws SQLException {
        int backend = session.unwrap(PGConnection.class).getBackendPID();
        while (thread.isAlive()
                && !truthReader
                        .query("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = " + backend + ")")
                        .equals("t")) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while a session waits", e);
        }
    }

    /** What is true now. */
    Truth look() throws SQLException {
        return truthReader.open().read();
    }

    private void restore(Step step) throws SQLException {
        Truth then = looks.get(step.number());
        if (then == null) {
            return;
        }
        hasRestored = true;
        capture.perform(Step.SETTLE);
        Truth before = look();
        restoreDifferences.addAll(restores.compare(archive(before.position()), step.tenant(), then, before));
    }

    /** Whether rows of a tenant can be compared after a restore to that look: tables are what they were, and were known. */
    boolean canRestore(Truth then, Truth now) {
        return then.tables().equals(now.tables())
                && capture.reader().state().uncertain().stream()
                        .noneMatch(interval -> interval.covers(then.position()));
    }

    RestoreRun restores(ArchiveReader archive) {
        Path work = directory.resolve(name);
        RestoreSettings settings = new RestoreSettings(
                () -> Archive.rowSorter(capture.archiveSettings()), work.resolve("restore"), work.resolve("saved"), 1);
        return RestoreRun.open(archive, database, settings, RestoreListener.SILENT);
    }

    /**
     * All that is not as it must be, after the last step.
     *
     * @param comparison counts what it compares
     */
    List<Difference> differences(FoldComparison comparison, UnaryOperator<ArchiveReader> seen) {
        List<Difference> differences = new ArrayList<>();
        if (!truths.isEmpty()) {
            capture.perform(Step.SETTLE);
            ArchiveReader archive = seen.apply(archive(truths.getLast().position()));
            differences.addAll(comparison.compare(archive, truths));
            differences.addAll(new ChangeComparison(archive).compare(truths));
        }
        differences.addAll(restoreDifferences);
        return differences;
    }

    /** The archive when everything up to there is in it. */
    private ArchiveReader archive(Lsn position) {
        capture.perform(Step.START);
        try {
            OwnerLedger.mark(oracle);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return capture.durable(position);
    }

    @Override
    public void close() throws SQLException {
        capture.close();
        oracle.close();
        for (Connection session : sessions.values()) {
            session.close();
        }
        server.drop(name);
    }
}
