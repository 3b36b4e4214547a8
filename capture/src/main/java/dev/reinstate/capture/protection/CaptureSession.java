package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveLoss;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.SalvagedHistory;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.image.ImageTaker;
import dev.reinstate.capture.image.TableImages;
import dev.reinstate.capture.owner.IndexRecovery;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.LastSeen;
import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.LogFiller;
import dev.reinstate.capture.source.SourceClock;
import dev.reinstate.capture.source.SourceLock;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.capture.source.SourceWatch;
import dev.reinstate.capture.source.StreamShapes;
import dev.reinstate.capture.source.TableWatch;
import dev.reinstate.capture.stream.StreamCapture;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.ddl.DdlTrigger;
import dev.reinstate.postgres.replication.Publications;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.ReplicationStream;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One connected stretch of protection: what the archive's state asks for, in order, then the stream. */
final class CaptureSession {
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(15);
    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(1);

    private final Database database;
    private final Connection control;
    private final SourceLock lock;
    private final ArchiveWriter writer;
    private final CaptureArchive archive;
    private final TenancyRules rules;
    private final CaptureSettings settings;
    private final CaptureListener listener;
    private final Orders orders;
    private final HeadRecord heads;
    private final SourceClock clock;
    private volatile Lsn durable = Lsn.ZERO;

    /**
     * What the session is told.
     *
     * @param loss what the archive lacks of what it once held, if that is to be lived with
     */
    record Orders(
            TenancyRules rules,
            CaptureSettings settings,
            CaptureListener listener,
            Optional<ArchiveLoss> loss,
            boolean newImageWanted) {}

    CaptureSession(
            Database database,
            Connection control,
            SourceLock lock,
            ArchiveWriter writer,
            CaptureArchive archive,
            Orders orders) {
        this.database = database;
        this.control = control;
        this.lock = lock;
        this.writer = writer;
        this.archive = archive;
        this.rules = orders.rules();
        this.settings = orders.settings();
        this.listener = orders.listener();
        this.orders = orders;
        this.clock = SourceClock.of(control);
        this.heads = new HeadRecord(writer, settings.names(), settings.headFile(), listener);
    }

    private String slot() {
        return settings.names().slot();
    }

    /** True when another session should follow at once, because the tables changed. */
    boolean run(BooleanSupplier stop, Runnable streaming) {
        SourceTables tables = SourceTables.of(Catalogue.read(control), rules);
        Optional<ImageNeed> need = ImageNeed.of(
                writer.state(),
                () -> salvaged(archive.openReader()),
                ReplicationSlots.state(control, slot()),
                tables,
                orders.loss(),
                orders.newImageWanted());
        need.filter(ImageNeed::opensGap).ifPresent(gap -> recordGap(gap.reason()));
        if (!writer.state().tenancyMap().equals(tables.map())) {
            writer.publishTenancyMap(tables.map());
        }
        if (!publish(tables)) {
            return true;
        }
        heads.tell(control);
        String fingerprint = Fingerprint.of(writer.state().store(), rules, tables);
        try (OwnerIndex index = OwnerIndex.open(settings.indexDirectory())) {
            if (need.isPresent() && !takeImage(index, tables, need.get(), fingerprint, stop)) {
                return false;
            }
            streaming.run();
            return follow(index, tables, fingerprint, stop);
        }
    }

    private SalvagedHistory salvaged(ArchiveReader reader) {
        SalvagedHistory history = reader.salvagedCatalogueHistory();
        if (!history.lost().isEmpty()) {
            listener.catalogueDamaged(history.lost());
        }
        return history;
    }

    /** False when tables were renamed or dropped between the look at them and their being published: look again. */
    private boolean publish(SourceTables tables) {
        try {
            Publications.apply(control, settings.names(), tables.publications());
            return true;
        } catch (ReinstateException e) {
            SourceTables now = SourceTables.of(Catalogue.read(control), rules);
            if (now.publications().equals(tables.publications())) {
                throw e;
            }
            return false;
        }
    }

    private void recordGap(String reason) {
        writer.publishGap(clock.instant(), reason);
        listener.gap(writer.state().durableTo(), reason);
    }

    private boolean takeImage(
            OwnerIndex index, SourceTables tables, ImageNeed need, String fingerprint, BooleanSupplier stop) {
        dropSlot();
        LogFiller.fill(control, writer.state().durableTo());
        ImageTaker taker = new ImageTaker(database, slot(), writer, index, listener, clock);
        Lsn position = taker.take(tables, need.reason(), fingerprint, settings.limits(), stop);
        return !position.equals(Lsn.ZERO);
    }

    /** The server may hold the slot for a moment for a stream that just ended. */
    private void dropSlot() {
        long deadline = System.nanoTime() + SLOT_PATIENCE.toNanos();
        while (true) {
            try {
                ReplicationSlots.drop(control, slot());
                return;
            } catch (ReinstateException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    private boolean follow(OwnerIndex index, SourceTables tables, String fingerprint, BooleanSupplier stop) {
        ArchiveReader reader = archive.openReader();
        Ownership ownership = tables.ownership();
        List<TableVersion> history = reader.salvagedCatalogueHistory().versions();
        DefinitionHistory definitions = new DefinitionHistory(control, writer, reader, rules, listener, clock);
        definitions.look();
        recoverOwners(index, reader, ownership, fingerprint);
        KnownTables known = new KnownTables(history);
        durable = writer.state().durableTo();
        TableWatch tableWatch = tableWatch(known);
        SourceWatch watch = new SourceWatch(
                database,
                settings.names(),
                lock,
                tables,
                tableWatch,
                settings.letGoAfterBytes(),
                new WatchEvents(listener, heads, clock));
        boolean told = new DdlTrigger(settings.names()).state(control) == DdlTrigger.State.INSTALLED;
        TableHealing healing = new TableHealing(
                new TableHealing.Parts(
                        database,
                        slot(),
                        tables,
                        tableWatch,
                        watch::lookNow,
                        known,
                        writer,
                        tableImages(index, fingerprint),
                        definitions),
                new ToldTables(known, tables, () -> told && tableWatch.foundRight()),
                listener,
                clock);
        try (watch;
                healing) {
            watch.start(settings.watchInterval());
            try (ReplicationStream stream = ReplicationStream.start(
                            database, settings.names(), writer.state().durableTo(), SLOT_PATIENCE, STATUS_INTERVAL);
                    StreamCapture capture = new StreamCapture(
                            new StreamCapture.Parts(
                                    stream,
                                    writer,
                                    reader,
                                    index,
                                    ownership,
                                    new StreamShapes(() -> control, tables, known::shape),
                                    healing,
                                    to -> durable = to,
                                    clock,
                                    fingerprint),
                            settings,
                            CaptureListener.all(List.of(listener, heads)))) {
                BooleanSupplier restart = () -> watch.ending()
                        .filter(ending -> ending instanceof SourceWatch.Ending.TablesChanged)
                        .isPresent();
                capture.run(() -> stop.getAsBoolean() || restart.getAsBoolean(), () -> requireGoingOn(watch));
                heads.tell(control);
                return !stop.getAsBoolean();
            }
        } catch (LettingGo e) {
            throw letGo(e.ending);
        }
    }

    private TableWatch tableWatch(KnownTables known) {
        LastSeen lastSeen = new LastSeen(settings.lastSeenFile(), writer.state().store());
        return new TableWatch(known, () -> durable, lastSeen);
    }

    private TableImages tableImages(OwnerIndex index, String fingerprint) {
        return new TableImages(writer, index, listener, clock, fingerprint, settings.limits());
    }

    private void recoverOwners(OwnerIndex index, ArchiveReader reader, Ownership ownership, String fingerprint) {
        long began = System.nanoTime();
        IndexRecovery.Outcome outcome = recover(new IndexRecovery(index, reader, ownership, fingerprint));
        if (outcome != IndexRecovery.Outcome.CURRENT) {
            listener.ownersRecovered(
                    outcome == IndexRecovery.Outcome.REBUILT
                            ? "rebuilt from the archive"
                            : "caught up from the archive",
                    Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /** Who owns which rows is read from the archive; where that is damaged, an image tells it, too. */
    private static IndexRecovery.Outcome recover(IndexRecovery recovery) {
        try {
            return recovery.recover();
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            throw new ReinstateException(
                    e.kind(),
                    e.what(),
                    e.why(),
                    "run `reinstate check` to see what is lost, then `reinstate protect --new-image`: from the new image"
                            + " on every moment can be restored again, and what was before stays as it is",
                    e.details(),
                    e);
        }
    }

    private static void requireGoingOn(SourceWatch watch) {
        watch.ending().ifPresent(ending -> {
            if (ending instanceof SourceWatch.Ending.LetGo letGo) {
                throw new LettingGo(letGo);
            }
            if (ending instanceof SourceWatch.Ending.LockLost) {
                throw ReinstateException.unavailable(
                        "The session that keeps other captures away is lost",
                        "the server closed it",
                        "nothing: capture connects again",
                        null);
            }
        });
    }

    /** Unwinds the stream, so that the slot is free to be dropped. */
    private static final class LettingGo extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient SourceWatch.Ending.LetGo ending;

        LettingGo(SourceWatch.Ending.LetGo ending) {
            super("letting go of the slot");
            this.ending = ending;
        }
    }

    private ReinstateException letGo(SourceWatch.Ending.LetGo ending) {
        dropSlot();
        listener.letGo(ending.retainedBytes(), ending.limitBytes());
        String why = "the source kept back " + ending.retainedBytes() + " bytes of its log for capture, the limit is "
                + ending.limitBytes();
        try {
            recordGap("capture let the slot go: " + why);
        } catch (ReinstateException e) {
            // the archive does not answer, which led here; the next start finds no slot and records the gap then
        }
        return ReinstateException.notRestorable(
                "Capture of " + database.displayName() + " let its slot go",
                why,
                "see why it could not keep up, then run `reinstate protect` again: it takes a new image; what was"
                        + " captured until " + writer.state().durableTo() + " stays restorable");
    }

    /** Passes on what the watch sees. */
    private record WatchEvents(CaptureListener listener, HeadRecord heads, SourceClock clock)
            implements SourceWatch.Events {
        @Override
        public void unprotectedTables(List<SourceTables.Unprotected> tables) {
            listener.unprotectedTables(tables);
        }

        @Override
        public void publicationsChanged(List<String> statements) {
            listener.publicationsChanged(statements);
        }

        @Override
        public void tableUncertain(TableName table, String why) {
            listener.tableUncertain(table, why);
        }

        @Override
        public void retainedLog(LetGoPolicy.Pressure pressure, long retainedBytes, long limitBytes) {
            listener.retainedLog(pressure, retainedBytes, limitBytes);
        }

        @Override
        public void sourceLog(long retainedBytes, long limitBytes) {
            listener.sourceLog(retainedBytes, limitBytes);
        }

        @Override
        public void looked(Connection session) {
            clock.ask(session);
            heads.tellIfDue(session);
        }

        @Override
        public void failed(ReinstateException failure, Duration pause) {
            listener.retrying(failure, 1, pause);
        }
    }
}
