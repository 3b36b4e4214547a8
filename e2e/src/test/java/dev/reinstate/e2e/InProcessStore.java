package dev.reinstate.e2e;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.protection.CaptureArchive;
import dev.reinstate.capture.protection.Protection;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
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
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A store that is captured and restored within this process, into an archive in memory. */
final class InProcessStore implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final StoreUnderTest store;
    private final Database database;
    private final Path directory;
    private final ObjectStore objects = new MemoryObjectStore();
    private final ArchiveSettings settings;
    private final Protection protection;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    private InProcessStore(StoreUnderTest store, TenancyMap map, Path directory) {
        this.store = store;
        this.database = database(store);
        this.directory = directory;
        this.settings = ArchiveSettings.defaults(directory.resolve("archive"));
        this.protection = new Protection(
                database,
                new CaptureArchive() {
                    @Override
                    public ArchiveWriter openWriter() {
                        return Archive.openWriter(objects, settings);
                    }

                    @Override
                    public ArchiveReader openReader() {
                        return Archive.openReader(objects, settings);
                    }
                },
                TenancyRules.of(map),
                CaptureSettings.defaults(store.database(), directory.resolve("capture"))
                        .withSegmentInterval(Duration.ofMillis(200)),
                CaptureListener.SILENT);
        try (Connection connection = database.connect()) {
            Archive.create(objects, Database.identity(connection), map, settings);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Captures it from now on; returns when the image is taken. */
    static InProcessStore protect(StoreUnderTest store, TenancyMap map, Path directory) {
        InProcessStore captured = new InProcessStore(store, map, directory);
        Thread.ofPlatform().name("capture").start(() -> {
            try {
                captured.protection.run();
                captured.end.complete(null);
            } catch (Throwable e) {
                captured.end.completeExceptionally(e);
            }
        });
        captured.awaitDurable();
        return captured;
    }

    static Database database(StoreUnderTest store) {
        return database(store.url());
    }

    static Database database(String url) {
        return Database.of(url, Optional.empty(), Optional::empty);
    }

    ArchiveReader reader() {
        return Archive.openReader(objects, settings);
    }

    /** Waits until everything committed so far is in the archive. */
    Lsn awaitDurable() {
        Lsn position = Oracle.position(store);
        ArchiveReader reader = reader();
        ArchiveComparison.await("durable to " + position, PATIENCE, () -> {
            if (end.isDone()) {
                end.join();
                throw new AssertionError("capture ended by itself");
            }
            reader.refresh();
            return !reader.state().images().isEmpty()
                    && reader.state().durableTo().isAfter(position);
        });
        return position;
    }

    RestoreRun run(Database target) {
        RestoreSettings restore = new RestoreSettings(
                () -> Archive.rowSorter(settings), directory.resolve("work"), directory.resolve("saved"), 2);
        return RestoreRun.open(reader(), target, restore, RestoreListener.SILENT);
    }

    /** What the archive has in a partition at a position, by table, in COPY's escapes and sorted. */
    static SortedMap<TableName, List<String>> folded(ArchiveReader reader, Partition partition, Lsn position) {
        SortedMap<TableName, List<String>> rows = new TreeMap<>();
        try (ArchiveReader.RowStream stream = reader.fold(partition, position, table -> true)) {
            while (stream.hasNext()) {
                FoldedRow row = stream.next();
                rows.computeIfAbsent(row.table().name(), name -> new ArrayList<>())
                        .add(RowText.of(row));
            }
        }
        rows.values().forEach(list -> list.sort(null));
        return rows;
    }

    /** Lets capture make durable what was committed, and end. */
    @Override
    public void close() {
        protection.stop();
        end.join();
    }
}
