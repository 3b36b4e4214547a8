package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ReimagedTable;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.image.ImageSnapshot;
import dev.reinstate.capture.image.TableImages;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.capture.source.TableChange;
import dev.reinstate.capture.source.TableWatch;
import dev.reinstate.capture.stream.Interlude;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.ddl.DdlMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Follows the tables where the stream is silent: writes down what they are in the archive's catalogue history, and reads
 * anew those whose rows may have changed unseen.
 *
 * <ol>
 *   <li>The watch notices that tables are not as the archive has them. Once the stream has passed that place, what needs no
 *       reading is written down.
 *   <li>For the others a snapshot is opened. The stream waits for it, so that it cannot pass its position.
 *   <li>When the stream has come to the snapshot's position, the tables are read, with the owners as of that position, and
 *       published; then the archive learns what they are.
 * </ol>
 *
 * <p>An interruption at any moment leaves the catalogue history as it was: the next start notices the same again.
 */
final class TableHealing implements Interlude, AutoCloseable {
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(1);
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(10);

    private final Parts parts;
    private final CaptureListener listener;
    private final InstantSource clock;
    private final Map<Integer, Lsn> truncated = new HashMap<>();
    private final ToldTables told;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private Lsn handled = Lsn.ZERO;
    private @Nullable ImageSnapshot snapshot;
    private Set<Long> published = Set.of();
    private Duration patience = FIRST_PATIENCE;
    private long nextAttemptNanos = System.nanoTime();
    private int attempts;

    /**
     * What it works with; the caller closes them.
     *
     * @param tables those that capture began with
     * @param lookNow makes the watch look before its time
     */
    record Parts(
            Database database,
            String slot,
            SourceTables tables,
            TableWatch watch,
            Runnable lookNow,
            KnownTables known,
            ArchiveWriter writer,
            TableImages images,
            DefinitionHistory definitions) {}

    /** @param told what event triggers say */
    TableHealing(Parts parts, ToldTables told, CaptureListener listener, InstantSource clock) {
        this.parts = parts;
        this.told = told;
        this.listener = listener;
        this.clock = clock;
    }

    @Override
    public void truncated(int oid, Lsn commit) {
        truncated.put(oid, commit);
    }

    @Override
    public void told(DdlMessage message, Lsn commit, Instant time) {
        told.hear(message, commit, time);
    }

    @Override
    public boolean isUnheardOf(int oid) {
        return parts.known().isUnheardOf(oid);
    }

    @Override
    public Set<TableName> unread() {
        Set<TableName> unread = parts.known().unread();
        parts.watch().noticed().stream()
                .flatMap(noticed -> noticed.changes().stream())
                .filter(TableChange::mayConcernRows)
                .forEach(change -> unread.add(change.name()));
        return unread;
    }

    @Override
    public void announced(TableSchema shape) {
        List<TableVersion> versions =
                List.of(KnownTables.announced(parts.writer().state().durableTo(), clock.instant(), shape));
        parts.writer().publishTableVersions(versions);
        parts.known().learn(versions);
    }

    @Override
    public Optional<Lsn> due() {
        if (snapshot != null) {
            return Optional.of(snapshot.position());
        }
        return told.newest()
                .or(() -> parts.watch()
                        .noticed()
                        .filter(noticed -> !noticed.mark().equals(handled) && System.nanoTime() - nextAttemptNanos >= 0)
                        .map(TableWatch.Noticed::mark))
                .or(() -> parts.definitions().isDue()
                        ? Optional.of(parts.writer().state().durableTo())
                        : Optional.empty());
    }

    @Override
    public void run(Runnable alive) {
        if (snapshot != null) {
            try (ImageSnapshot opened = snapshot) {
                snapshot = null;
                read(opened, alive);
            }
        } else if (told.newest().isPresent()) {
            learn(told.takeVersions());
            if (told.isWaiting()) {
                parts.lookNow().run();
            }
        } else if (parts.definitions().isDue()) {
            parts.definitions().look();
        } else {
            parts.watch().noticed().ifPresent(noticed -> follow(noticed, alive));
        }
    }

    private void learn(List<TableVersion> versions) {
        if (!versions.isEmpty()) {
            parts.writer().publishTableVersions(versions);
            parts.known().learn(versions);
            parts.definitions().look();
        }
    }

    private void follow(TableWatch.Noticed noticed, Runnable alive) {
        // an event trigger may have told of one meanwhile; what remains of it is noticed again
        List<TableChange> changes = noticed.changes().stream()
                .filter(change -> parts.known().newest(change.oid()).equals(change.before()))
                .toList();
        List<TableChange> toRead =
                changes.stream().filter(change -> isToRead(change, noticed)).toList();
        if (toRead.isEmpty()) {
            writeDown(changes, noticed);
        } else {
            published = parts.known().memberships();
            changes.forEach(change -> published.addAll(change.memberships()));
            openSnapshot(toRead, alive);
        }
    }

    private boolean isToRead(TableChange change, TableWatch.Noticed noticed) {
        return switch (change.effect()) {
            case CHANGED -> true;
            case MOVED -> {
                Lsn emptied = truncated.get(change.oid());
                yield told.isRewritten(change.oid())
                        .orElse(emptied == null || emptied.isBefore(noticed.rightUntil(change)));
            }
            case NONE, UNSEEN, GONE -> false;
        };
    }

    /** Everything that needs no look at rows. */
    private void writeDown(List<TableChange> changes, TableWatch.Noticed noticed) {
        List<ReimagedTable> gone = changes.stream()
                .filter(change -> change.effect() == TableChange.Effect.GONE)
                .map(change -> reimaged(change, noticed))
                .toList();
        if (!gone.isEmpty()) {
            parts.images().publishEmpty(gone, noticed.mark());
            listener.tableImagePublished(noticed.mark(), names(gone), Duration.ZERO);
        }
        Instant now = clock.instant();
        learn(changes.stream()
                .map(change -> noticedVersion(change, noticed, now))
                .toList());
        settle(changes);
        handled = noticed.mark();
    }

    /** The stream waits meanwhile, but not for ever: then it goes on, and another attempt waits longer. */
    private void openSnapshot(List<TableChange> toRead, Runnable alive) {
        List<TableName> names = toRead.stream().map(TableChange::name).toList();
        long began = System.nanoTime();
        String slot = parts.slot() + "_t" + ++attempts;
        listener.tableImageNeeded(names, toRead.getFirst().reason());
        Optional<ImageSnapshot> opened =
                ImageSnapshot.open(parts.database(), slot, ImageSnapshot.Kind.TEMPORARY, session -> {
                    alive.run();
                    return System.nanoTime() - began < patience.toNanos();
                });
        if (opened.isEmpty()) {
            listener.tableImagePending(names, "open transactions keep the server from giving a snapshot");
            nextAttemptNanos = System.nanoTime() + patience.toNanos();
            patience = patience.multipliedBy(2).compareTo(LONGEST_PATIENCE) < 0
                    ? patience.multipliedBy(2)
                    : LONGEST_PATIENCE;
            return;
        }
        patience = FIRST_PATIENCE;
        snapshot = opened.get();
    }

    private void read(ImageSnapshot opened, Runnable alive) {
        TableWatch.Noticed noticed = parts.watch().noticed().orElse(null);
        if (noticed == null) {
            return;
        }
        Instant began = clock.instant();
        SourceTables seen = opened.tables(parts.tables().rules());
        List<TableChange> all = parts.known().changes(seen);
        // the server waited for what was open when the snapshot was asked for; what began to write later, before
        // a table was published, is neither in the snapshot nor in the stream
        List<TableChange> changes = all.stream()
                .filter(change -> published.containsAll(change.memberships()))
                .toList();
        List<ReimagedTable> reimaged = reimaged(changes, noticed, seen);
        if (reimaged.isEmpty()) {
            // what was to be read is as it was again; the watch will say so
            nextAttemptNanos = System.nanoTime() + RETRY_PAUSE.toNanos();
            return;
        }
        TableImages.Outcome outcome =
                seen.arePublished() ? await(opened, seen, reimaged, alive) : TableImages.Outcome.OVERTAKEN;
        if (outcome != TableImages.Outcome.PUBLISHED) {
            listener.tableImagePending(names(reimaged), "they were altered again before they could be read");
            nextAttemptNanos = System.nanoTime() + RETRY_PAUSE.toNanos();
            return;
        }
        List<TableVersion> versions = new ArrayList<>();
        for (TableChange change : changes) {
            TableVersion read = change.effect() == TableChange.Effect.UNSEEN
                    ? noticedVersion(change, noticed, began)
                    : version(change, opened.position(), began, "table image", true);
            TableVersion waited = told.waiting(change.oid()).orElse(read);
            versions.add(waited);
            if (!waited.shape().equals(read.shape()) || !waited.storage().equals(read.storage())) {
                versions.add(read);
            }
        }
        learn(versions);
        settle(changes);
        if (changes.size() == all.size()) {
            handled = noticed.mark();
        }
        listener.tableImagePublished(opened.position(), names(reimaged), Duration.between(began, clock.instant()));
    }

    private void settle(List<TableChange> changes) {
        changes.forEach(change -> {
            truncated.remove(change.oid());
            told.settled(change.oid());
        });
    }

    /** What must be read, and where rows may belong to others, what hangs on them. */
    private List<ReimagedTable> reimaged(List<TableChange> changes, TableWatch.Noticed noticed, SourceTables seen) {
        Map<Integer, ReimagedTable> reimaged = new LinkedHashMap<>();
        Ownership ownership = seen.ownership();
        for (TableChange change : changes) {
            if (change.effect() == TableChange.Effect.GONE || isToRead(change, noticed)) {
                reimaged.put(change.oid(), reimaged(change, noticed));
            }
        }
        for (TableChange change : changes) {
            if (change.now().isEmpty() || !change.ownersToo() || !reimaged.containsKey(change.oid())) {
                continue;
            }
            var below = ownership.of(change.now().get().toSchema()).descendants();
            seen.captured().stream()
                    .filter(table -> below.contains(table.name()))
                    .forEach(table -> reimaged.putIfAbsent(
                            table.oid(),
                            new ReimagedTable(
                                    table.oid(),
                                    table.name(),
                                    from(change, noticed),
                                    "its rows belong to rows of " + change.name() + ": " + change.reason())));
        }
        return List.copyOf(reimaged.values());
    }

    private ReimagedTable reimaged(TableChange change, TableWatch.Noticed noticed) {
        return new ReimagedTable(change.oid(), change.name(), from(change, noticed), change.reason());
    }

    /** The newest image of everything was right when it was taken, whatever is known besides. */
    private Lsn from(TableChange change, TableWatch.Noticed noticed) {
        Lsn right = told.rightUntil(change.oid(), noticed.rightUntil(change));
        List<ArchiveState.Image> images = parts.writer().state().images();
        return images.isEmpty() ? right : Lsn.max(right, images.getLast().position());
    }

    /** Reads on another thread, so that this one keeps the stream open. */
    private TableImages.Outcome await(
            ImageSnapshot opened, SourceTables seen, List<ReimagedTable> reimaged, Runnable alive) {
        FutureTask<TableImages.Outcome> task =
                new FutureTask<>(() -> parts.images().take(opened, seen, reimaged, stopped::get));
        Thread thread = Thread.ofPlatform().name("table image").daemon().start(task);
        try {
            while (true) {
                try {
                    return task.get(200, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    alive.run();
                }
            }
        } catch (ExecutionException e) {
            return overtaken(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while tables were read", e);
        } finally {
            stopped.set(!task.isDone());
            join(thread);
        }
    }

    /** A table that was dropped after the snapshot cannot be read any more; the watch will say what is to be done. */
    private static TableImages.Outcome overtaken(@Nullable Throwable cause) {
        if (cause instanceof ReinstateException failure
                && (failure.kind() == FailureKind.INVALID || failure.kind() == FailureKind.CONFLICT)) {
            return TableImages.Outcome.OVERTAKEN;
        }
        if (cause instanceof RuntimeException failure) {
            throw failure;
        }
        throw new IllegalStateException("reading tables", cause);
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private TableVersion noticedVersion(TableChange change, TableWatch.Noticed noticed, Instant now) {
        Lsn position = change.effect() == TableChange.Effect.UNSEEN
                ? Lsn.max(
                        from(change, noticed),
                        change.before().map(TableVersion::position).orElse(Lsn.ZERO))
                : parts.writer().state().durableTo();
        return version(change, position, now, "seen", false);
    }

    private static TableVersion version(TableChange change, Lsn position, Instant time, String command, boolean exact) {
        return new TableVersion(
                position,
                time,
                change.oid(),
                change.name(),
                change.now().map(table -> table.toSchema()),
                change.now().map(table -> table.storage().text()).orElse(""),
                command,
                exact);
    }

    private static List<TableName> names(List<ReimagedTable> tables) {
        return tables.stream().map(ReimagedTable::table).toList();
    }

    @Override
    public void close() {
        ImageSnapshot opened = snapshot;
        snapshot = null;
        if (opened != null) {
            opened.close();
        }
    }
}
