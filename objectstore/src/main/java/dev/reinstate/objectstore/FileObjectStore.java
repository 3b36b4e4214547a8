package dev.reinstate.objectstore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Objects as read-only files of a directory. Publishing is: temporary file, fsync, {@code link(2)} to the final name
 * (which fails if it is taken: the condition of put-if-absent, kept by the kernel), fsync of the directory. The file
 * system must know hard links and must honour fsync.
 *
 * <p>Temporary files live in {@code .pending}, in one locked directory a writing process; the next process that writes
 * removes those of processes that died.
 */
public final class FileObjectStore implements ObjectStore {
    private final Path root;
    private final DurableFolders folders;
    private final PendingDirectory pending;

    private FileObjectStore(Path root, DurableFolders folders) {
        this.root = root;
        this.folders = folders;
        this.pending = new PendingDirectory(root.resolve(".pending"));
    }

    /** Opens a directory, which is made if there is none. A directory that can only be read can still be read from. */
    public static FileObjectStore open(Path root) {
        Path absolute = root.toAbsolutePath().normalize();
        DurableFolders folders = new DurableFolders(absolute);
        try {
            folders.makeRoot();
        } catch (IOException | ReadOnlyFileSystemException e) {
            throw failure("Opening the directory " + absolute, e);
        }
        return new FileObjectStore(absolute, folders);
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, true, true, false);
    }

    @Override
    public ObjectWriter create(String key) {
        return new FileObjectWriter(ObjectKey.require(key), path(key), folders, pending);
    }

    @Override
    public byte[] get(String key) {
        try {
            return Files.readAllBytes(path(ObjectKey.require(key)));
        } catch (NoSuchFileException e) {
            throw ObjectStoreException.absent(key);
        } catch (IOException e) {
            throw failure("Reading " + key, e);
        }
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        try (FileChannel channel = FileChannel.open(path(ObjectKey.require(key)), StandardOpenOption.READ)) {
            if (offset < 0 || length < 0 || offset + length > channel.size()) {
                throw ObjectStoreException.invalid(
                        "Bytes " + offset + " to " + (offset + length) + " of " + key, "it has " + channel.size());
            }
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, offset + bytes.position()) < 0) {
                    throw ObjectStoreException.invalid("Reading " + key, "it became shorter");
                }
            }
            return bytes.array();
        } catch (NoSuchFileException e) {
            throw ObjectStoreException.absent(key);
        } catch (IOException e) {
            throw failure("Reading " + key, e);
        }
    }

    @Override
    public OptionalLong size(String key) {
        try {
            return OptionalLong.of(Files.size(path(ObjectKey.require(key))));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw failure("Looking at " + key, e);
        }
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        List<ObjectSummary> found = new ArrayList<>();
        int slash = prefix.lastIndexOf('/');
        String folder = slash < 0 ? "" : prefix.substring(0, slash + 1);
        try {
            collect(folder, prefix, startAfter, limit, found);
        } catch (IOException e) {
            throw failure("Listing " + prefix, e);
        }
        return found;
    }

    private void collect(String folder, String prefix, String startAfter, int limit, List<ObjectSummary> found)
            throws IOException {
        for (String name : names(folder, startAfter)) {
            if (found.size() >= limit) {
                return;
            }
            String key = folder + name;
            boolean isFolder = name.endsWith("/");
            if (isFolder ? !key.startsWith(prefix) && !prefix.startsWith(key) : !key.startsWith(prefix)) {
                continue;
            }
            if (isFolder) {
                if (key.compareTo(startAfter) > 0 || startAfter.startsWith(key)) {
                    collect(key, prefix, startAfter, limit, found);
                }
            } else if (key.compareTo(startAfter) > 0) {
                size(key).ifPresent(size -> found.add(new ObjectSummary(key, size)));
            }
        }
    }

    /**
     * Names in a folder in the order of the keys they make: a folder counts with its slash. Those that only make keys up to
     * {@code startAfter} are left out, and not even looked at: there may be a million.
     */
    private List<String> names(String folder, String startAfter) throws IOException {
        try (Stream<Path> children = Files.list(root.resolve(folder))) {
            return children.filter(child -> {
                        String name = child.getFileName().toString();
                        String key = folder + name + "/";
                        return !name.startsWith(".") && (key.compareTo(startAfter) > 0 || startAfter.startsWith(key));
                    })
                    .map(child -> child.getFileName() + (Files.isDirectory(child) ? "/" : ""))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public void delete(String key) {
        Path path = path(ObjectKey.require(key));
        try {
            boolean deleted = Files.deleteIfExists(path);
            Path folder = DurableFolders.parentOf(path);
            if (deleted || Files.isDirectory(folder)) {
                DurableFolders.sync(folder); // it may have been deleted by somebody who did not live to sync
            }
        } catch (IOException | ReadOnlyFileSystemException e) {
            throw failure("Deleting " + key, e);
        }
    }

    @Override
    public void replace(String key, byte[] content) {
        Path path = path(ObjectKey.require(key));
        try {
            folders.require(DurableFolders.parentOf(path));
            Path temporary = pending.newFile();
            try {
                Files.write(temporary, content);
                syncFile(temporary);
                Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                DurableFolders.sync(DurableFolders.parentOf(path));
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException | ReadOnlyFileSystemException e) {
            throw failure("Replacing " + key, e);
        }
    }

    @Override
    public Optional<Instant> lockedUntil(String key) {
        throw ObjectStoreException.unsupported("A lock on " + key, "files are not locked against deletion");
    }

    /** The next process that writes removes what the dead left, whenever it was begun. */
    @Override
    public long removeUnfinished(Instant begunBefore) {
        return 0;
    }

    @Override
    public void close() {
        pending.close();
    }

    @Override
    public String toString() {
        return "file store " + root;
    }

    private Path path(String key) {
        return root.resolve(key);
    }

    static void syncFile(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    static ObjectStoreException failure(String what, Exception cause) {
        String reason = cause instanceof FileSystemException e && e.getReason() != null
                ? e.getReason()
                : cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        boolean readOnly = cause instanceof AccessDeniedException
                || cause instanceof ReadOnlyFileSystemException
                || reason.contains("Read-only");
        boolean full = reason.contains("No space") || reason.contains("quota");
        String why = readOnly ? "the directory cannot be written by this user" : full ? "the disk is full" : reason;
        String next = readOnly
                ? "give this user write permission, or remount it writable"
                : full ? "free space on it, then try again" : "look at the disk and its mount, then try again";
        return new ObjectStoreException(ObjectStoreException.Kind.UNAVAILABLE, what, why, next, cause);
    }
}
