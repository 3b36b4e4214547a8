package dev.reinstate.archive.sort;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
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

    OutputStream output() {
        return Channels.newOutputStream(channel);
    }

    /** Reads from the beginning; several may read at once. */
    InputStream input() {
        return new PositionedInput(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
    }

    private static final class PositionedInput extends InputStream {
        private final FileChannel channel;
        private long position;

        private PositionedInput(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = channel.read(ByteBuffer.wrap(bytes, offset, length), position);
            position += Math.max(0, count);
            return count;
        }
    }
}
