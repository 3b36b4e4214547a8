package dev.reinstate.archive.sort;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A local file that no killed process leaves behind: where the system allows it, its name is removed as soon as it is
 * open and the space is freed with the process.
 */
final class RunFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;

    private RunFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static RunFile create(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path path = directory.resolve("sort-" + UUID.randomUUID());
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            Files.delete(path);
        } catch (IOException e) {
            // a system that keeps names of open files: removed when closed
        }
        return new RunFile(path, channel);
    }

    /** Appends the array's first bytes. */
    void write(byte[] bytes, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Fills the array's first bytes from there. */
    void read(long position, byte[] bytes, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("a temporary file ends early");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
    }
}
