package dev.reinstate.restore.spool;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.Tuple;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tuples of one number of columns on local disk, read back in the order they were added, as often as wanted. Makes no
 * file while there are none. Not thread-safe.
 */
public final class TupleSpool implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** Less than the buffer, through which it then goes: channels remember the array they saw last, were it 64 MB. */
    private static final int PIECE_BYTES = 32 * 1024;

    private final Path directory;
    private final int columnCount;
    private @Nullable FileChannel file;
    private @Nullable DataOutputStream output;
    private long count;

    public TupleSpool(Path directory, int columnCount) {
        this.directory = directory;
        this.columnCount = columnCount;
    }

    public void add(Tuple tuple) {
        try {
            DataOutputStream stream = output == null ? open() : output;
            stream.writeInt(tuple.encoded().length);
            byte[] encoded = tuple.encoded();
            for (int at = 0; at < encoded.length; at += PIECE_BYTES) {
                stream.write(encoded, at, Math.min(PIECE_BYTES, encoded.length - at));
            }
            count++;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private DataOutputStream open() throws IOException {
        Files.createDirectories(directory);
        Path path = Files.createTempFile(directory, "rows", ".spool");
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        file = channel;
        OutputStream raw = Channels.newOutputStream(channel);
        DataOutputStream stream = new DataOutputStream(new BufferedOutputStream(raw, BUFFER_BYTES));
        output = stream;
        return stream;
    }

    public long count() {
        return count;
    }

    public void forEach(Consumer<Tuple> consumer) {
        FileChannel channel = file;
        DataOutputStream stream = output;
        if (channel == null || stream == null) {
            return;
        }
        try {
            stream.flush();
            long end = channel.position();
            channel.position(0);
            InputStream raw = Channels.newInputStream(channel);
            DataInputStream input = new DataInputStream(new BufferedInputStream(raw, BUFFER_BYTES));
            for (long i = 0; i < count; i++) {
                consumer.accept(read(input));
            }
            channel.position(end);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private Tuple read(DataInputStream input) throws IOException {
        byte[] encoded = new byte[input.readInt()];
        for (int at = 0; at < encoded.length; at += PIECE_BYTES) {
            input.readFully(encoded, at, Math.min(PIECE_BYTES, encoded.length - at));
        }
        return Tuple.ofEncoded(encoded, columnCount);
    }

    private ReinstateException failed(IOException cause) {
        return ReinstateException.unavailable(
                "Temporary rows in " + directory + " cannot be written or read",
                String.valueOf(cause.getMessage()),
                "make room there, or name another place with --work-directory",
                cause);
    }

    /** Gives the disk back. Never fails: what it is closed after may have been committed. */
    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // the system's cleaning takes what is left
        }
    }
}
