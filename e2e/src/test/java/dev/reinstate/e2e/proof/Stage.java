package dev.reinstate.e2e.proof;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.postgres.Database;
import dev.reinstate.restore.RestoreListener;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.RestoreSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A database with a made-up schema, the sessions that write to it, the oracle that looks at it and a capture. */
final class Stage implements AutoCloseable {
    /** Every transaction of more than a few rows goes through the disk. */
    static final CaptureSettings.Limits TINY = new CaptureSettings.Limits(4096, 1500, 64 << 20);

    final ProofSchema schema;
    final Database database;
    final List<Truth> truths = new ArrayList<>();

    private final ProofServer server;
    private final String name;
    private final Path directory;
    private final CaptureUnderTest capture;
    private final Connection oracle;
    private final TruthReader truthReader;
    private final TreeMap<Integer, Connection> sessions = new TreeMap<>();

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

    /** Does what happens to capture, and looks. */
    void perform(Step step) throws SQLException {
        if (step.equals(Step.CHECK)) {
            truths.add(look());
        } else {
            capture.perform(step);
        }
    }

    /** What is true now. */
    Truth look() throws SQLException {
        return truthReader.open().read();
    }

    RestoreRun restores(ArchiveReader archive) {
        Path work = directory.resolve(name);
        RestoreSettings settings = new RestoreSettings(
                () -> Archive.rowSorter(capture.archiveSettings()), work.resolve("restore"), work.resolve("saved"), 1);
        return RestoreRun.open(archive, database, settings, RestoreListener.SILENT);
    }

    /** The archive when everything before the last look is in it. */
    ArchiveReader archive() {
        capture.perform(Step.START);
        try {
            OwnerLedger.mark(oracle);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return capture.durable(truths.getLast().position());
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
