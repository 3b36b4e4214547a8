package dev.reinstate.bench.product;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.KeyFile;
import dev.reinstate.bench.peer.ChildProcess;
import dev.reinstate.bench.server.Database;
import dev.reinstate.bench.server.FolderTree;
import dev.reinstate.model.Lsn;
import dev.reinstate.objectstore.FileObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reinstate set up for one database: a folder with its configuration, archive and state. */
public final class Installation {
    /** The store's name, and so of its slot and publications. */
    private static final String STORE = "bench";

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

    private final Path folder;
    private final Database database;
    private final List<String> moreJvmOptions;

    private Installation(Path folder, Database database, List<String> moreJvmOptions) {
        this.folder = folder;
        this.database = database;
        this.moreJvmOptions = moreJvmOptions;
    }

    /** Runs {@code reinstate init} in an empty folder. */
    public static Installation init(Path folder, Database database, String tenantTable)
            throws IOException, InterruptedException {
        String more = System.getProperty("bench.jvm", "");
        Installation installation = new Installation(folder, database, more.isEmpty() ? List.of() : List.of(more));
        installation.run(
                "init",
                "--url",
                database.jdbcUrl(),
                "--user",
                database.user(),
                "--tenant-table",
                tenantTable,
                "--name",
                STORE);
        return installation;
    }

    public String slot() {
        return "reinstate_" + STORE;
    }

    /** Drops the slot, and the source's note of the archive: another one, or an older state of it, is not refused then. */
    public void letSourceForget() throws SQLException {
        database.dropSlot(slot());
        database.execute("""
                DO $$ BEGIN
                    IF EXISTS (SELECT FROM pg_publication WHERE pubname = '%1$s_rows') THEN
                        COMMENT ON PUBLICATION %1$s_rows IS NULL;
                    END IF;
                END $$
                """.formatted(slot()));
    }

    public Path folder() {
        return folder;
    }

    public Database database() {
        return database;
    }

    private Path archive() {
        return folder.resolve("reinstate-archive");
    }

    private Path state() {
        return folder.resolve("reinstate-state");
    }

    /** Runs a verb to its end and returns what it printed. */
    public Finished run(String verb, String... arguments) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (ChildProcess process = start(verb, arguments)) {
            process.awaitSuccess(PATIENCE);
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            return new Finished(process.printed(), wall, process.peakResidentBytes(), peakHeapBytes(verb));
        }
    }

    /**
     * A verb that ended well.
     *
     * @param printed on both outputs
     * @param wall from the start of its JVM to its end
     */
    public record Finished(String printed, Duration wall, long peakResidentBytes, long peakHeapBytes) {}

    /** Starts a verb; its log is {@code <verb>.log} in the folder. */
    ChildProcess start(String verb, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.add("-Xlog:gc:file=" + garbageLog(verb));
        command.addAll(moreJvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.reinstate.cli.Main", verb));
        command.addAll(List.of("--config", folder.resolve("reinstate.yaml").toString()));
        command.addAll(List.of(arguments));
        return ChildProcess.start(verb, command, folder);
    }

    private Path garbageLog(String verb) {
        return folder.resolve(verb + "-gc.log");
    }

    long peakHeapBytes(String verb) throws IOException {
        return GarbageLog.peakHeapBytes(garbageLog(verb));
    }

    /** Brings a tenant back to that position. */
    public Restored restore(String tenant, Lsn position, String... options) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of(tenant, "--at-position", position.toString(), "--yes", "--json", "--proof-within", "0s"));
        arguments.addAll(List.of(options));
        return Restored.of(run("restore", arguments.toArray(String[]::new)));
    }

    /** Starts {@code reinstate protect}. */
    public CaptureProcess protect() throws IOException {
        return new CaptureProcess(this, start("protect"));
    }

    /** Whether there is an archive yet. */
    boolean hasArchive() {
        return Files.isDirectory(archive()) && Archive.exists(objects());
    }

    /** Reads the archive beside whoever writes it. */
    public ArchiveReader reader() throws IOException {
        return Archive.openReader(objects(), settings());
    }

    private ArchiveSettings settings() throws IOException {
        Path temporary = Files.createDirectories(folder.resolve("reader"));
        Path keyFile = folder.resolve("reinstate.key");
        return ArchiveSettings.defaults(temporary).withMasterKey(() -> KeyFile.read(keyFile));
    }

    /** Compacts the archive; capture may be running, readers may not. */
    public void compact() throws IOException {
        try (FileObjectStore objects = objects()) {
            Compactor.run(objects, settings());
        }
    }

    private FileObjectStore objects() {
        return FileObjectStore.open(archive());
    }

    /** What the archive's files take now. */
    public StoredBytes stored() throws IOException {
        return StoredBytes.of(archive());
    }

    /** Keeps archive and state as they are, for {@link #reset}; nothing may be writing. */
    public void keep() throws IOException {
        FolderTree.copy(archive(), kept(archive()));
        FolderTree.copy(state(), kept(state()));
    }

    /** Brings archive and state back to what {@link #keep} kept; nothing may be writing. */
    public void reset() throws IOException {
        FolderTree.delete(archive());
        FolderTree.delete(state());
        FolderTree.copy(kept(archive()), archive());
        FolderTree.copy(kept(state()), state());
    }

    private static Path kept(Path path) {
        return path.resolveSibling(path.getFileName() + "-kept");
    }
}
