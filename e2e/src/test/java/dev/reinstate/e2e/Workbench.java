package dev.reinstate.e2e;

import dev.reinstate.archive.Archive;
import dev.reinstate.model.Lsn;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A user's folder: the configuration, the archive and everything run there. */
final class Workbench implements AutoCloseable {
    private static final Duration DURABLE_WITHIN = Duration.ofMinutes(3);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StoreUnderTest store;
    private final Path directory;
    private final List<ReinstateProcess> started = new ArrayList<>();
    private final Map<String, String> environment;
    private final Supplier<ObjectStore> objects;
    private Optional<ArchiveComparison> comparison = Optional.empty();

    Workbench(StoreUnderTest store, Path directory) {
        this.store = store;
        this.directory = directory;
        this.environment = Map.of();
        this.objects = () -> FileObjectStore.open(archive());
    }

    /** One whose archive is elsewhere; {@code init} has to be told. */
    Workbench(StoreUnderTest store, Path directory, ObjectStore objects, Map<String, String> environment) {
        this.store = store;
        this.directory = directory;
        this.environment = environment;
        this.objects = () -> objects;
    }

    Path directory() {
        return directory;
    }

    Path archive() {
        return directory.resolve("reinstate-archive");
    }

    Path state() {
        return directory.resolve("reinstate-state");
    }

    Path configuration() {
        return directory.resolve("reinstate.yaml");
    }

    ReinstateProcess.Settings settings() {
        ReinstateProcess.Settings settings = ReinstateProcess.Settings.in(directory);
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            settings = settings.with(variable.getKey(), variable.getValue());
        }
        return settings;
    }

    ReinstateProcess.Outcome run(String... arguments) {
        return ReinstateProcess.run(settings(), arguments);
    }

    /** Runs with {@code --json}; the document must be all of standard output. */
    JsonNode json(String... arguments) {
        List<String> more = new ArrayList<>(List.of(arguments));
        more.add("--json");
        ReinstateProcess.Outcome outcome = run(more.toArray(String[]::new)).succeeded();
        return json(outcome);
    }

    static JsonNode json(ReinstateProcess.Outcome outcome) {
        return JSON.readTree(outcome.output());
    }

    ReinstateProcess start(String... arguments) {
        ReinstateProcess process = ReinstateProcess.start(settings(), arguments);
        started.add(process);
        return process;
    }

    /** Init with the tenant table of the nasty schema; changes are made durable five times a second. */
    void init() {
        run("init", "--url", store.url(), "--tenant-table", "public.site").succeeded();
        hasten();
    }

    /** The same with an archive that anybody who gets at it can read. */
    void initUnencrypted() {
        run("init", "--url", store.url(), "--tenant-table", "public.site", "--unencrypted")
                .succeeded();
        hasten();
    }

    void hasten() {
        try {
            String yaml = Files.readString(configuration());
            Files.writeString(
                    configuration(), yaml.replaceFirst("segmentInterval: *\"?[0-9a-z]+\"?", "segmentInterval: 200ms"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ReinstateProcess protect() {
        return start("protect");
    }

    /** The archive as it is now; there must be one. */
    ArchiveComparison comparison() {
        if (comparison.isEmpty()) {
            comparison = Optional.of(new ArchiveComparison(
                    objects.get(), configuration().resolveSibling("reinstate.key"), directory.resolve("comparison")));
        }
        return comparison.get();
    }

    /** Waits while that capture runs, and fails with its words if it ends or takes too long. */
    void awaitDurable(Lsn position, ReinstateProcess capture) {
        try {
            ArchiveComparison.await("durable to " + position, DURABLE_WITHIN, () -> {
                if (!capture.isAlive()) {
                    throw new AssertionError("capture ended by itself");
                }
                return isDurableAt(position);
            });
        } catch (AssertionError e) {
            throw new AssertionError(
                    comparison
                                    .map(archive -> archive.reader().state().toString())
                                    .orElse("no archive") + "\n" + capture.soFar(),
                    e);
        }
    }

    boolean isDurableAt(Lsn position) {
        return (comparison.isPresent() || Archive.exists(objects.get()))
                && comparison().isDurableAt(position);
    }

    void forgetState() {
        deleteAll(state());
    }

    static void deleteAll(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        started.forEach(ReinstateProcess::close);
    }
}
