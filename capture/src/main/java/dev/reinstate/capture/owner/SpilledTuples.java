package dev.reinstate.capture.owner;

import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/** Rows by key, on disk: the earlier values that moved or re-keyed rows of one transaction lean on. */
public final class SpilledTuples {
    private static final int NO_VALUE = -1;

    private final RocksStore.Scratch scratch;
    private final List<TableSchema> shapes = new ArrayList<>();
    private final IdentityHashMap<TableSchema, Integer> shapeNumbers = new IdentityHashMap<>();

    SpilledTuples(RocksStore.Scratch scratch) {
        this.scratch = scratch;
    }

    /** A row's values and the shape they have. */
    public record Version(TableSchema table, Tuple tuple) {}

    /** Says that the values of that row are wanted. */
    public void want(OwnerKey key) {
        if (!isWanted(key)) {
            store(key, NO_VALUE, Tuple.EMPTY);
        }
    }

    public boolean isWanted(OwnerKey key) {
        return scratch.get(key.bytes()) != null;
    }

    public void put(OwnerKey key, Version version) {
        Integer known = shapeNumbers.get(version.table());
        if (known == null) {
            known = shapes.size();
            shapes.add(version.table());
            shapeNumbers.put(version.table(), known);
        }
        store(key, known, version.tuple());
    }

    private void store(OwnerKey key, int shape, Tuple tuple) {
        scratch.put(
                key.bytes(),
                ByteBuffer.allocate(Integer.BYTES + tuple.encoded().length)
                        .putInt(shape)
                        .put(tuple.encoded())
                        .array());
    }

    /** Empty when no one stored the row's values. */
    public Optional<Version> get(OwnerKey key) {
        byte[] bytes = scratch.get(key.bytes());
        if (bytes == null) {
            return Optional.empty();
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int shape = buffer.getInt();
        if (shape == NO_VALUE) {
            return Optional.empty();
        }
        TableSchema table = shapes.get(shape);
        byte[] tuple = new byte[buffer.remaining()];
        buffer.get(tuple);
        return Optional.of(
                new Version(table, Tuple.ofEncoded(tuple, table.columns().size())));
    }

    public void clear() {
        scratch.clear();
    }
}
