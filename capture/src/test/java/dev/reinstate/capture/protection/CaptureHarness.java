package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.postgres.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A database with the shop's schema, an archive in memory, and captures that can be started, stopped and killed. */
final class CaptureHarness implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final Database database;
    final Connection sql;
    ObjectStore objects;
    ArchiveSettings archiveSettings;
    final AtomicBoolean full = new AtomicBoolean();
    private final AtomicInteger writesToLive = new AtomicInteger(Integer.MAX_VALUE);
    CaptureSettings settings;
    CaptureListener listener = CaptureListener.SILENT;
    TenancyMap map;
    boolean leavesBehind;

    @Nullable
    TenancyRules rules;

    private @Nullable Running running;
    private long marks;

    /** A capture that runs in a thread of its own. */
    record Running(Protection protection, CompletableFuture<Void> end, AtomicBoolean dead) {}

    static EmbeddedPostgres startServer() throws java.io.IOException {
        return EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                .setServerConfig("max_replication_slots", "80")
                .setServerConfig("max_wal_senders", "80")
                .setServerConfig("max_connections", "100")
                .start();
    }

    CaptureHarness(EmbeddedPostgres server, String name, String ddl, TenancyMap map, Path directory) {
        execute(
                Database.of(url(server, "postgres"), Optional.of("postgres"), Optional::empty),
                "CREATE DATABASE " + name);
        this.database = Database.of(url(server, name), Optional.of("postgres"), Optional::empty);
        this.sql = database.connect();
        this.map = map;
        this.objects = new MemoryObjectStore();
        this.archiveSettings = ArchiveSettings.defaults(directory.resolve("archive-temporary"));
        this.settings = CaptureSettings.defaults(name, directory.resolve("work"))
                .withSegmentInterval(Duration.ofMillis(100))
                .withWatchInterval(Duration.ofMillis(300));
        run("SET synchronous_commit = on; SET search_path = public; " + ddl);
        Archive.create(objects, Database.identity(sql), map, archiveSettings);
    }

    private CaptureHarness(EmbeddedPostgres server, CaptureHarness before, String name) {
        this.database = Database.of(url(server, name), Optional.of("postgres"), Optional::empty);
        this.sql = database.connect();
        this.map = before.map;
        this.objects = before.objects;
        this.archiveSettings = before.archiveSettings;
        this.settings = before.settings;
        this.listener = before.listener;
        this.marks = before.marks;
        run("SET search_path = public");
    }

    /** The same store and archive on a server that took over. */
    CaptureHarness on(EmbeddedPostgres other) {
        String address = database.displayName();
        return new CaptureHarness(other, this, address.substring(address.lastIndexOf('/') + 1));
    }

    static String url(EmbeddedPostgres server, String name) {
        return "jdbc:postgresql://localhost:" + server.getPort() + "/" + name;
    }

    private static void execute(Database database, String statements) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void run(String statements) {
        try (Statement statement = sql.createStatement()) {
            statement.execute(statements);
        } catch (SQLException e) {
            throw new IllegalStateException(statements, e);
        }
    }

    /** What capture is told: the map's rules, unless there are others. */
    TenancyRules rules() {
        TenancyRules own = rules;
        return own == null ? TenancyRules.of(map) : own;
    }

    /** Starts a capture. */
    Running start() {
        return startInto(objects);
    }

    Running startInto(ObjectStore archive) {
        AtomicBoolean dead = new AtomicBoolean();
        ObjectStore reached = killable(archive, dead);
        Protection protection = new Protection(
                database,
                new CaptureArchive() {
                    @Override
                    public ArchiveWriter openWriter() {
                        return Archive.openWriter(reached, archiveSettings);
                    }

                    @Override
                    public ArchiveReader openReader() {
                        return Archive.openReader(reached, archiveSettings);
                    }
                },
                rules(),
                settings,
                listener);
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread.ofPlatform().name("capture").start(() -> {
            try {
                protection.run();
                end.complete(null);
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        });
        Running started = new Running(protection, end, dead);
        running = started;
        return started;
    }

    private ObjectStore killable(ObjectStore objects, AtomicBoolean dead) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    boolean writes = method.getName().equals("create")
                            || method.getName().equals("putIfAbsent");
                    if (writes && !dead.get() && writesToLive.get() != Integer.MAX_VALUE) {
                        dead.set(writesToLive.decrementAndGet() < 0);
                    }
                    if (dead.get()) {
                        throw new Killed();
                    }
                    if (full.get() && writes) {
                        throw new ObjectStoreException(
                                ObjectStoreException.Kind.UNAVAILABLE,
                                "writing",
                                "the disk is full",
                                "make room",
                                null);
                    }
                    try {
                        return method.invoke(objects, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** What a killed capture sees of its archive: nothing is written any more. */
    static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed");
        }
    }

    /** Makes that capture the one to be stopped or killed. */
    void resume(Running other) {
        running = other;
    }

    /** Leaves the capture that ended as it should alone. */
    void forget() {
        running = null;
    }

    long count(String query) {
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The capture dies when it wants to write to the archive once more than that often. */
    void killAfterWrites(int writes) {
        writesToLive.set(writes);
    }

    void awaitKilled() {
        Running killed = running;
        if (killed != null) {
            awaitEnd(killed);
            running = null;
        }
        writesToLive.set(Integer.MAX_VALUE);
    }

    void requireRunning() {
        Running current = running;
        if (current != null && current.end().isDone()) {
            current.end().join();
            throw new IllegalStateException("capture ended");
        }
    }

    /** From now on nothing this capture does reaches the archive; returns when it is gone. */
    void kill() {
        Running killed = running;
        if (killed == null) {
            return;
        }
        killed.dead().set(true);
        killed.protection().stop();
        awaitEnd(killed);
        running = null;
    }

    private static void awaitEnd(Running ended) {
        try {
            ended.end().get(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            boolean wasKilled = false;
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                wasKilled |= cause instanceof Killed;
            }
            if (!wasKilled) {
                throw new IllegalStateException("capture failed", e.getCause());
            }
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException("capture does not end", e);
        }
    }

    void stop() {
        Running stopped = running;
        if (stopped != null) {
            stopped.protection().stop();
            awaitEnd(stopped);
            running = null;
        }
    }

    /** Waits until all that was committed before is durable; fails with what ended the capture. */
    ArchiveReader quiesced() {
        run("UPDATE public.marker SET n = " + ++marks);
        ArchiveReader reader = Archive.openReader(objects, archiveSettings);
        awaitTrue("the marker's update to be durable", () -> {
            Running current = running;
            if (current != null && current.end().isDone()) {
                current.end().join();
                throw new IllegalStateException("capture ended");
            }
            reader.refresh();
            return !reader.state().images().isEmpty() && markerOf(reader) == marks;
        });
        return reader;
    }

    private static long markerOf(ArchiveReader reader) {
        try (ArchiveReader.RowStream rows = reader.fold(
                Partition.SHARED, end(reader), table -> table.name().name().equals("marker"))) {
            return rows.hasNext() ? Long.parseLong(rows.next().tuple().text(1).orElse("0")) : -1;
        }
    }

    static Lsn end(ArchiveReader reader) {
        return reader.state().durableTo().previous();
    }

    static void awaitTrue(String what, java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Tenant (or *shared*, *unattributed*) and table to the rows' texts, sorted. */
    SortedMap<String, List<String>> folded(ArchiveReader reader, Lsn position) {
        SortedMap<String, List<String>> rows = new TreeMap<>();
        reader.tenants()
                .forEach(tenant -> fold(
                        reader, Partition.of(tenant.tenant()), tenant.tenant().value(), position, rows));
        fold(reader, Partition.SHARED, "*shared*", position, rows);
        fold(reader, Partition.UNATTRIBUTED, "*unattributed*", position, rows);
        rows.values().forEach(Collections::sort);
        return rows;
    }

    private static void fold(
            ArchiveReader reader,
            Partition partition,
            String name,
            Lsn position,
            SortedMap<String, List<String>> into) {
        try (ArchiveReader.RowStream rows = reader.fold(partition, position, table -> true)) {
            while (rows.hasNext()) {
                FoldedRow row = rows.next();
                List<@Nullable String> values = new ArrayList<>();
                for (int i = 0; i < row.tuple().columnCount(); i++) {
                    values.add(row.tuple().text(i).orElse(null));
                }
                into.computeIfAbsent(name + " " + ShopSchema.shown(row.table().name()), key -> new ArrayList<>())
                        .add(shown(values));
            }
        }
    }

    /** The same, by plain SQL. */
    SortedMap<String, List<String>> oracle(List<String> tables) {
        SortedMap<String, List<String>> rows = new TreeMap<>();
        for (String table : tables) {
            try (Statement statement = sql.createStatement();
                    ResultSet result = statement.executeQuery(ShopSchema.oracle(table, columns(table), leavesBehind))) {
                while (result.next()) {
                    Array values = result.getArray("row");
                    String tenant =
                            Optional.ofNullable(result.getString("tenant")).orElse("*unattributed*");
                    rows.computeIfAbsent(tenant + " " + table, key -> new ArrayList<>())
                            .add(shown(Arrays.asList((String[]) values.getArray())));
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
        rows.values().forEach(Collections::sort);
        return rows;
    }

    private List<String> columns(String table) throws SQLException {
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery("SELECT attname FROM pg_attribute WHERE attrelid = '"
                        + TableName.parse(table) + "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
            List<String> names = new ArrayList<>();
            while (result.next()) {
                names.add(result.getString(1));
            }
            return names;
        }
    }

    private static String shown(List<@Nullable String> values) {
        return String.join(
                "|",
                values.stream()
                        .map(v -> v == null ? "NULL" : v.length() > 40 ? v.substring(0, 20) + "…" + v.hashCode() : v)
                        .toList());
    }

    /** Compares what the archive says with what the database says, table by table. */
    void requireFoldEqualsOracle(String moment, List<String> tables) {
        ArchiveReader reader = quiesced();
        SortedMap<String, List<String>> archived = folded(reader, end(reader));
        archived.keySet().removeIf(key -> !tables.contains(key.substring(key.indexOf(' ') + 1)));
        SortedMap<String, List<String>> live = oracle(tables);
        assertThat(archived.keySet()).as(moment).isEqualTo(live.keySet());
        live.forEach((key, rows) ->
                assertThat(archived.get(key)).as(moment + ": " + key).isEqualTo(rows));
    }

    @Override
    public void close() throws SQLException {
        try {
            stop();
        } catch (ReinstateException | IllegalStateException e) {
            kill();
        } finally {
            sql.close();
        }
    }
}
