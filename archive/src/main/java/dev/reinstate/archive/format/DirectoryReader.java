package dev.reinstate.archive.format;

import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** A directory's entries one by one: there are as many as partitions in the object. Not thread-safe. */
public final class DirectoryReader implements Iterator<Directory.Entry> {
    private final ByteSource source;
    private final List<Directory.Truncation> truncations;
    private int left;

    /** @param raw the section, decrypted and decompressed */
    public DirectoryReader(byte[] raw) {
        this.source = new ByteSource(raw);
        int truncationCount = source.length();
        this.truncations = new ArrayList<>(truncationCount);
        for (int i = 0; i < truncationCount; i++) {
            truncations.add(new Directory.Truncation(source.u32(), source.u64(), source.varint()));
        }
        this.left = source.length();
        requireEndIfDone();
    }

    /** Tables truncated in the object, each with its last truncation. */
    public List<Directory.Truncation> truncations() {
        return truncations;
    }

    int left() {
        return left;
    }

    @Override
    public boolean hasNext() {
        return left > 0;
    }

    @Override
    public Directory.Entry next() {
        if (left == 0) {
            throw new NoSuchElementException();
        }
        Token token = new Token(source.u64(), source.u64());
        Partition partition = PartitionLabel.read(source);
        long lastLsn = source.u64();
        long lastMicros = source.zigzag();
        int tableCount = source.length();
        List<Directory.TableCount> tables = new ArrayList<>(tableCount);
        for (int i = 0; i < tableCount; i++) {
            int schema = (int) source.varint();
            tables.add(new Directory.TableCount(schema, readOperations(), source.zigzag()));
        }
        left--;
        requireEndIfDone();
        return new Directory.Entry(token, partition, lastLsn, lastMicros, tables);
    }

    /** A map of one is much smaller, and there are as many as tables of partitions. */
    private Map<Operation, Long> readOperations() {
        int count = source.length();
        if (count == 1) {
            return Map.of(Operation.ofCode(source.u8()), source.varint());
        }
        Map<Operation, Long> operations = new EnumMap<>(Operation.class);
        for (int i = 0; i < count; i++) {
            operations.put(Operation.ofCode(source.u8()), source.varint());
        }
        return operations;
    }

    private void requireEndIfDone() {
        if (left == 0) {
            source.requireEnd("A directory section");
        }
    }
}
