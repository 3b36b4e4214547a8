package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.SourceLock;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.replication.ReplicationSlots;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Protects one store: takes an image where one is needed, then follows its changes until stopped. Safe to kill at any
 * moment and to start again.
 */
public final class Protection {
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Database database;
    private final CaptureArchive archive;
    private final TenancyRules rules;
    private final CaptureSettings settings;
    private final CaptureListener listener;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private boolean newImageWanted;
    private boolean hasStreamed;

    public Protection(
            Database database,
            CaptureArchive archive,
            TenancyRules rules,
            CaptureSettings settings,
            CaptureListener listener) {
        this.database = database;
        this.archive = archive;
        this.rules = rules;
        this.settings = settings;
        this.listener = listener;
        this.newImageWanted = settings.newImage();
    }

    /** Asks {@link #run} to make durable what was committed, and return. From any thread; returns at once. */
    public void stop() {
        stopped.countDown();
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /**
     * Runs until {@link #stop}. Once it has streamed, a server or archive that does not answer is tried again for ever;
     * before, and for every other failure, it throws:
     *
     * <ul>
     *   <li>{@code CONFLICT} or {@code REFUSED}: another capture of the store runs, or took over;
     *   <li>{@code NOT_RESTORABLE}: the slot was let go or lost, which is recorded as a gap; running again takes a new
     *       image;
     *   <li>{@code REFUSED}: the archive is of another store, or of another history of it.
     * </ul>
     */
    public void run() {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; !isStopped(); attempt++) {
            try {
                if (session()) {
                    pause = FIRST_PAUSE;
                    attempt = 0;
                    continue;
                }
                return;
            } catch (ReinstateException e) {
                if (e.kind() != FailureKind.UNAVAILABLE || !hasStreamed || isStopped()) {
                    throw e;
                }
                listener.retrying(e, attempt, pause);
                pause(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private void pause(Duration pause) {
        try {
            if (stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }

    /** One go at it, with sessions and writer of its own; true to begin again at once. */
    private boolean session() {
        try (Connection control = database.connect();
                SourceLock lock = SourceLock.acquire(control, settings.names().slot(), LOCK_PATIENCE)) {
            requirePrimary(control);
            StoreIdentity store = Database.identity(control);
            letGoIfDue(control);
            try (ArchiveWriter writer = archive.openWriter()) {
                requireSameStore(store, writer.state());
                CaptureSession session = new CaptureSession(
                        database, control, lock, writer, archive, new CaptureSession.Orders(rules, settings, listener));
                boolean again = session.run(newImageWanted, this::isStopped, () -> {
                    newImageWanted = false;
                    hasStreamed = true;
                });
                return again;
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot close the session with " + database.displayName(), e);
        }
    }

    private void requirePrimary(Connection control) {
        if (Database.isStandby(control)) {
            throw ReinstateException.invalid(
                    database.displayName() + " is a standby",
                    "capture needs publications and a slot on the primary",
                    "give the primary's address");
        }
    }

    private void requireSameStore(StoreIdentity store, ArchiveState state) {
        if (!state.store().equals(store)) {
            throw ReinstateException.refused(
                    "The archive holds the history of store " + state.store() + " and " + database.displayName()
                            + " is " + store,
                    "after a failover, a restore of the server or with another database, the same position names"
                            + " another history",
                    "protect this database into a new archive; the old one stays restorable");
        }
    }

    /** After a long absence the log kept back may be beyond the limit before anything else can happen. */
    private void letGoIfDue(Connection control) {
        String slot = settings.names().slot();
        LetGoPolicy policy = LetGoPolicy.read(control, settings.letGoAfterBytes());
        ReplicationSlots.state(control, slot)
                .filter(state -> state.activePid().isEmpty())
                .filter(state -> policy.pressure(state.retainedBytes()) == LetGoPolicy.Pressure.LET_GO)
                .ifPresent(state -> {
                    ReplicationSlots.drop(control, slot);
                    listener.letGo(state.retainedBytes(), policy.limitBytes());
                });
    }
}
