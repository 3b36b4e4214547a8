package dev.reinstate.demo.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * The one directory of a demo, with the record of its processes in {@code demo.json}. Thread-safe.
 *
 * <p>A directory that has files but no such record was not made by a demo and is never touched.
 */
public final class DemoDirectory {
    private static final String RECORD = "demo.json";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    private final Path path;
    private Contents contents;
    private boolean ended;

    /**
     * What {@code demo.json} holds.
     *
     * @param demo the demo's own process
     * @param servers postmasters, ended by SIGINT
     * @param commands Reinstate's long-running commands, ended by SIGTERM
     * @param kept whether it was meant to go on after the demo
     */
    record Contents(
            RecordedProcess demo, List<RecordedProcess> servers, List<RecordedProcess> commands, boolean kept) {}

    /** What an earlier demo left in the directory. */
    public enum State {
        /** Nothing: it is free. */
        FREE,
        /** A demo is running there now. */
        RUNNING,
        /** A demo ended and left its server running, as asked. */
        KEPT,
        /** A demo failed, or was killed, and left files and perhaps processes. */
        LEFT,
        /** Files of somebody else. */
        FOREIGN
    }

    private DemoDirectory(Path path, Contents contents) {
        this.path = path;
        this.contents = contents;
    }

    public static State state(Path path) throws IOException {
        Optional<Contents> earlier = read(path);
        if (earlier.isEmpty()) {
            return isEmpty(path) ? State.FREE : State.FOREIGN;
        }
        Contents contents = earlier.get();
        if (contents.demo().alive().isPresent()) {
            return State.RUNNING;
        }
        boolean alive = processes(contents).anyMatch(process -> process.alive().isPresent());
        return contents.kept() && alive ? State.KEPT : State.LEFT;
    }

    /** Ends what an earlier demo left running there and removes its files; the number of processes ended. */
    public static int clear(Path path) throws IOException {
        Optional<Contents> earlier = read(path);
        if (earlier.isEmpty()) {
            return 0;
        }
        int running = (int) processes(earlier.get())
                .filter(process -> process.alive().isPresent())
                .count();
        new DemoDirectory(path, earlier.get()).remove();
        return running;
    }

    /** Takes a free directory for this process. */
    public static DemoDirectory take(Path path) throws IOException {
        Files.createDirectories(path);
        DemoDirectory directory = new DemoDirectory(
                path.toRealPath(),
                new Contents(RecordedProcess.of(ProcessHandle.current()), List.of(), List.of(), false));
        directory.write();
        return directory;
    }

    public Path path() {
        return path;
    }

    public Path resolve(String name) {
        return path.resolve(name);
    }

    /** Notes a server; ends it at once when the demo is being ended. */
    public synchronized void recordServer(RecordedProcess server) throws IOException {
        if (ended) {
            server.end("INT", PATIENCE);
            return;
        }
        contents = new Contents(contents.demo(), with(contents.servers(), server), contents.commands(), false);
        write();
    }

    /** Notes a command; ends it at once when the demo is being ended. */
    public synchronized void recordCommand(RecordedProcess command) throws IOException {
        if (ended) {
            command.end("TERM", PATIENCE);
            return;
        }
        contents = new Contents(contents.demo(), contents.servers(), with(contents.commands(), command), false);
        write();
    }

    /** What runs shall go on. */
    public synchronized void keep() throws IOException {
        contents = new Contents(contents.demo(), contents.servers(), contents.commands(), true);
        write();
    }

    /** Ends every recorded process; commands before the servers they speak to. */
    public synchronized void endProcesses() {
        ended = true;
        contents.commands().forEach(command -> command.end("TERM", PATIENCE));
        contents.servers().forEach(server -> server.end("INT", PATIENCE));
    }

    /** Ends every recorded process and removes all files. */
    public synchronized void remove() throws IOException {
        endProcesses();
        deleteAll(path);
    }

    private static Stream<RecordedProcess> processes(Contents contents) {
        return Stream.concat(contents.commands().stream(), contents.servers().stream());
    }

    private static List<RecordedProcess> with(List<RecordedProcess> processes, RecordedProcess another) {
        List<RecordedProcess> all = new ArrayList<>(processes);
        all.add(another);
        return List.copyOf(all);
    }

    private static Optional<Contents> read(Path path) throws IOException {
        Path record = path.resolve(RECORD);
        return Files.exists(record)
                ? Optional.of(JSON.readValue(Files.readString(record), Contents.class))
                : Optional.empty();
    }

    private void write() throws IOException {
        Path next = path.resolve(RECORD + ".next");
        Files.writeString(next, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(contents));
        Files.move(next, path.resolve(RECORD), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private static boolean isEmpty(Path path) throws IOException {
        if (!Files.exists(path)) {
            return true;
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.findAny().isEmpty();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The record goes last, so that a removal that was cut short is continued by the next demo. */
    private static void deleteAll(Path root) throws IOException {
        Path record = root.resolve(RECORD);
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!file.equals(record)) {
                    Files.deleteIfExists(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @org.jspecify.annotations.Nullable IOException e)
                    throws IOException {
                if (!directory.equals(root)) {
                    Files.deleteIfExists(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        Files.deleteIfExists(record);
        Files.deleteIfExists(root);
    }
}
