package dev.reinstate.objectstore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Writes one file under a temporary name and links it to its own when it is whole and synced. */
final class FileObjectWriter implements ObjectWriter {
    private final String key;
    private final Path target;
    private final DurableFolders folders;
    private final Path temporary;
    private @Nullable FileChannel channel;
    private long size;

    FileObjectWriter(String key, Path target, DurableFolders folders, PendingDirectory pending) {
        this.key = key;
        this.target = target;
        this.folders = folders;
        try {
            temporary = pending.newFile();
            channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException | ReadOnlyFileSystemException e) {
            throw FileObjectStore.failure("Beginning to write " + key, e);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        FileChannel open = requireOpen();
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
            while (buffer.hasRemaining()) {
                open.write(buffer);
            }
            size += length;
        } catch (IOException e) {
            throw failed("Writing " + key, e);
        }
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public void publish() {
        FileChannel open = requireOpen();
        try {
            if (Files.getFileStore(temporary).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("r--r--r--"));
            }
            open.force(true);
            Path folder = DurableFolders.parentOf(target);
            folders.require(folder);
            boolean linked = link();
            // also what is there already: whoever linked it may not have lived to sync, and we call it durable
            DurableFolders.sync(folder);
            if (!linked) {
                throw ObjectStoreException.exists(key);
            }
        } catch (UnsupportedOperationException e) {
            throw new ObjectStoreException(
                    ObjectStoreException.Kind.UNSUPPORTED,
                    "Publishing " + key,
                    "the file system has no hard links",
                    "keep the archive on one that has (ext4, xfs, zfs, apfs, ntfs)",
                    e);
        } catch (IOException e) {
            throw failed("Publishing " + key, e);
        } finally {
            close();
        }
    }

    private boolean link() throws IOException {
        try {
            Files.createLink(target, temporary);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    @Override
    public void close() {
        FileChannel open = channel;
        if (open == null) {
            return;
        }
        channel = null;
        try (open) {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // The object's fate is decided already; a leftover is removed by the next process that writes.
        }
    }

    private ObjectStoreException failed(String what, IOException e) {
        close();
        return FileObjectStore.failure(what, e);
    }

    private FileChannel requireOpen() {
        if (channel == null) {
            throw ObjectStoreException.invalid("Writing " + key, "it is published or abandoned");
        }
        return channel;
    }
}
