package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveLoss;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.SourceClock;
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
import java.util.Optional;
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
    private boolean lossAccepted;
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
        this.lossAccepted = settings.acceptLoss();
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
     *   <li>{@code REFUSED}: the archive is of another store, of another history of it, or not the one that the source was
     *       captured into;
     *   <li>{@code DAMAGED}: the archive lacks what it once held.
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
            ArchiveReader before = archive.openReader();
            Optional<TimelineChange> timeline = TimelineChange.of(database, before.state(), store);
            Optional<ArchiveLoss> loss = loss(control, before);
            try (ArchiveWriter writer = archive.openWriter()) {
                timeline.ifPresent(change -> change.record(writer, SourceClock.of(control), listener));
                CaptureSession session = new CaptureSession(
                        database,
                        control,
                        lock,
                        writer,
                        archive,
                        new CaptureSession.Orders(rules, settings, listener, loss, newImageWanted));
                boolean again = session.run(this::isStopped, () -> {
                    newImageWanted = false;
                    lossAccepted = false;
                    hasStreamed = true;
                });
                return again;
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Cannot close the session with " + database.displayName(), e);
        }
    }

    /** What the archive lacks, before anything is written to it; throws unless it was accepted. */
    private Optional<ArchiveLoss> loss(Connection control, ArchiveReader before) {
        KnownHeads known = KnownHeads.read(control, settings.names(), settings.headFile());
        Optional<ArchiveLoss> loss = known.lossOf(before);
        loss.filter(lost -> !lossAccepted).ifPresent(lost -> {
            throw KnownHeads.refusal(lost);
        });
        return loss;
    }

    private void requirePrimary(Connection control) {
        if (Database.isStandby(control)) {
            if (hasStreamed) {
                throw ReinstateException.unavailable(
                        database.displayName() + " is a standby now",
                        "capture needs the primary, and another server may be about to take over",
                        "nothing, if the address leads to the primary in the end: capture tries again",
                        null);
            }
            throw ReinstateException.invalid(
                    database.displayName() + " is a standby",
                    "capture needs publications and a slot on the primary",
                    "give the primary's address");
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
