package dev.reinstate.objectstore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a process keeps files it has not published yet: a directory of its own with a lock held while the process
 * lives, so that another process can tell leftovers of the dead from the work of the living. Made at the first write,
 * so that reading needs no permission to write.
 */
final class PendingDirectory {
    private static final String LOCK = "lock";

    private final Path parent;
    private @Nullable Path own;
    private @Nullable FileChannel lockChannel;

    PendingDirectory(Path parent) {
        this.parent = parent;
    }

    synchronized Path newFile() throws IOException {
        if (own == null) {
            own = open();
        }
        return own.resolve(UUID.randomUUID().toString());
    }

    private Path open() throws IOException {
        Files.createDirectories(parent);
        removeLeftovers();
        // Locked under a hidden name first: nobody may take a directory for dead before it is locked.
        Path made = Files.createTempDirectory(parent, ".new-");
        FileChannel channel =
                FileChannel.open(made.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        lockChannel = channel;
        if (channel.tryLock() == null) {
            throw new IOException("a new file is locked by someone else");
        }
        Path named = parent.resolve(made.getFileName().toString().substring(1));
        return Files.move(made, named);
    }

    private void removeLeftovers() throws IOException {
        for (Path directory : children(parent)) {
            if (directory.getFileName().toString().startsWith("new-") && isAbandoned(directory)) {
                for (Path file : children(directory)) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(directory);
            }
        }
    }

    private static boolean isAbandoned(Path directory) {
        try (FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (NoSuchFileException e) {
            return true; // it had one before it had its name: lost with the power
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            return children.toList();
        }
    }

    synchronized void close() {
        try {
            if (own != null) {
                for (Path file : children(own)) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(own);
                own = null;
            }
            if (lockChannel != null) {
                lockChannel.close();
            }
        } catch (IOException e) {
            throw FileObjectStore.failure("Removing temporary files in " + parent, e);
        }
    }
}
