package dev.reinstate.e2e.proof;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.protection.CaptureArchive;
import dev.reinstate.capture.protection.Protection;
import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.LastSeen;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.ddl.DdlTrigger;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A capture into an archive in memory that can be stopped, killed, robbed of its index, and started again. */
final class CaptureUnderTest implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(200);

    private final Database database;
    private final TenancyRules rules;
    private final CaptureSettings settings;
    private final ArchiveSettings archiveSettings;
    private final ObjectStore objects = new MemoryObjectStore();
    private @Nullable Running running;

    private record Running(Protection protection, CompletableFuture<Void> end, AtomicBoolean dead) {}

    CaptureUnderTest(Database database, TenancyRules rules, Path directory, CaptureSettings.Limits limits) {
        this.database = database;
        this.rules = rules;
        this.archiveSettings = ArchiveSettings.defaults(directory.resolve("archive"));
        this.settings = CaptureSettings.defaults(
                        "proof_" + Integer.toHexString(directory.getFileName().hashCode()), directory.resolve("work"))
                .withSegmentInterval(Duration.ofMillis(20))
                .withWatchInterval(WATCH_INTERVAL)
                .withLimits(limits);
        try (Connection connection = database.connect()) {
            Archive.create(objects, Database.identity(connection), map(connection), archiveSettings);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private TenancyMap map(Connection connection) {
        return rules.resolve(Catalogue.read(connection).members());
    }

    ArchiveSettings archiveSettings() {
        return archiveSettings;
    }

    ArchiveReader reader() {
        return Archive.openReader(objects, archiveSettings);
    }

    void perform(Step step) {
        if (step.equals(Step.START)) {
            start();
        } else if (step.equals(Step.STOP)) {
            stop();
        } else if (step.equals(Step.SETTLE)) {
            settle();
        } else if (step.equals(Step.INSTALL_TRIGGERS)) {
            installTriggers();
        } else if (step.equals(Step.KILL)) {
            kill();
        } else if (step.equals(Step.KILL_AND_FORGET)) {
            kill();
            forgetIndex();
        } else {
            throw new IllegalArgumentException("nothing that happens to capture: " + step.sql());
        }
    }

    /** Capture looks for them when it starts. */
    private void installTriggers() {
        stop();
        try (Connection connection = database.connect()) {
            new DdlTrigger(settings.names()).install(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        start();
    }

    /** Returns when it streams: there is an image, and all there is to be captured is published. */
    private void start() {
        if (running != null) {
            return;
        }
        AtomicBoolean dead = new AtomicBoolean();
        ObjectStore reached = killable(dead);
        CaptureArchive archive = new CaptureArchive() {
            @Override
            public ArchiveWriter openWriter() {
                return Archive.openWriter(reached, archiveSettings);
            }

            @Override
            public ArchiveReader openReader() {
                return Archive.openReader(reached, archiveSettings);
            }
        };
        AtomicBoolean streams = new AtomicBoolean();
        CaptureListener listener = new CaptureListener() {
            @Override
            public void streaming(Lsn from) {
                streams.set(true);
            }
        };
        Protection protection = new Protection(database, archive, rules, settings, listener);
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread.ofPlatform().name("capture").start(() -> {
            try {
                protection.run();
                end.complete(null);
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        });
        running = new Running(protection, end, dead);
        await("its streaming", streams::get);
    }

    private ObjectStore killable(AtomicBoolean dead) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (dead.get()) {
                        throw new Killed();
                    }
                    try {
                        return method.invoke(objects, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** What a killed capture sees of its archive: nothing it does reaches it any more. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed");
        }
    }

    /** Returns when everything before that position is in the archive; fails with what ended the capture. */
    ArchiveReader durable(Lsn position) {
        ArchiveReader reader = reader();
        await("history up to " + position + " to be durable", () -> {
            reader.refresh();
            return reader.state().durableTo().isAfter(position);
        });
        return reader;
    }

    /** Returns when the archive has every table as it is, and every table was seen to be right after all that was done so far. */
    private void settle() {
        start();
        try (Connection connection = database.connect()) {
            Lsn now = OwnerLedger.mark(connection);
            ArchiveReader reader = reader();
            LastSeen lastSeen =
                    new LastSeen(settings.lastSeenFile(), reader.state().store());
            await("the tables to be seen as the archive has them", () -> {
                reader.refresh();
                return lastSeen.read(reader.catalogueHistory().size())
                                .filter(seen -> !seen.isBefore(now))
                                .isPresent()
                        && isKnown(SourceTables.of(Catalogue.read(connection), rules), reader.catalogueHistory());
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isKnown(SourceTables tables, List<TableVersion> history) {
        return tables.arePublished() && new KnownTables(history).changes(tables).isEmpty();
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            Running current = running;
            if (current == null || current.end().isDone()) {
                throw new IllegalStateException("capture ended before " + what, causeOf(current));
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static @Nullable Throwable causeOf(@Nullable Running ended) {
        return ended == null || !ended.end().isCompletedExceptionally()
                ? null
                : ended.end().exceptionNow();
    }

    private void stop() {
        Running stopped = running;
        if (stopped != null) {
            stopped.protection().stop();
            awaitEnd(stopped);
            running = null;
        }
    }

    private void kill() {
        Running killed = running;
        if (killed != null) {
            killed.dead().set(true);
            stop();
        }
    }

    private static void awaitEnd(Running ended) {
        try {
            ended.end().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            List<Throwable> causes = Stream.iterate((@Nullable Throwable) e, t -> t != null, t -> t.getCause())
                    .toList();
            if (causes.stream().noneMatch(Killed.class::isInstance)) {
                throw new IllegalStateException("capture failed", e.getCause());
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException("capture does not end", e);
        }
    }

    private void forgetIndex() {
        if (!Files.exists(settings.indexDirectory())) {
            return;
        }
        try (Stream<Path> files = Files.walk(settings.indexDirectory())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What ended it meanwhile was for whoever waited for it to say. */
    @Override
    public void close() {
        Running last = running;
        if (last != null) {
            last.dead().set(true);
            last.protection().stop();
            last.end().handle((nothing, failure) -> true).join();
        }
    }
}
