package dev.reinstate.capture.transaction;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** Row changes in a temporary file, written once and read as often as needed. */
final class EventFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 18;

    private final Path path;
    private final DataOutputStream output;
    private final List<TableSchema> shapes = new ArrayList<>();
    private final IdentityHashMap<TableSchema, Integer> shapeNumbers = new IdentityHashMap<>();
    private long count;

    private EventFile(Path path, DataOutputStream output) {
        this.path = path;
        this.output = output;
    }

    static EventFile create(Path directory, String suffix) {
        try {
            Path path = Files.createTempFile(directory, "spill", suffix);
            return new EventFile(
                    path, new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path), BUFFER_BYTES)));
        } catch (IOException e) {
            throw failed(directory, e);
        }
    }

    long count() {
        return count;
    }

    void write(RowEvent event) {
        try {
            output.writeByte(event.kind().code());
            output.writeByte((event.oldIsWhole() ? 1 : 0) | (event.oversized() ? 2 : 0));
            output.writeInt(numberOf(event.table()));
            write(event.old());
            write(event.row());
            count++;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private int numberOf(TableSchema shape) {
        return shapeNumbers.computeIfAbsent(shape, added -> {
            shapes.add(added);
            return shapes.size() - 1;
        });
    }

    private void write(Tuple tuple) throws IOException {
        output.writeInt(tuple.columnCount() == 0 ? -1 : tuple.encoded().length);
        output.write(tuple.encoded());
    }

    void finish() {
        try {
            output.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    void forEach(Transaction.Visitor visitor) {
        try (DataInputStream input =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES))) {
            for (long ordinal = 0; ordinal < count; ordinal++) {
                visitor.accept(read(input), ordinal);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private RowEvent read(DataInputStream input) throws IOException {
        RowEvent.Kind kind = RowEvent.Kind.ofCode(input.readByte());
        int flags = input.readByte();
        TableSchema shape = shapes.get(input.readInt());
        Tuple old = readTuple(input, shape);
        return new RowEvent(kind, shape, old, (flags & 1) != 0, readTuple(input, shape), (flags & 2) != 0);
    }

    private static Tuple readTuple(DataInputStream input, TableSchema shape) throws IOException {
        int length = input.readInt();
        if (length < 0) {
            return Tuple.EMPTY;
        }
        byte[] bytes = new byte[length];
        input.readFully(bytes);
        return Tuple.ofEncoded(bytes, shape.columns().size());
    }

    private ReinstateException failed(IOException cause) {
        return failed(path, cause);
    }

    static ReinstateException failed(Path path, IOException cause) {
        return ReinstateException.unavailable(
                "A large transaction cannot be kept in " + path,
                String.valueOf(cause.getMessage()),
                "make room on that disk, or give capture another directory; it goes on where it was",
                cause);
    }

    @Override
    public void close() {
        try {
            output.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
