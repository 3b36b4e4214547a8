package dev.reinstate.archive.sort;

import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.Token;
import dev.reinstate.model.Partition;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Records as bytes in chunks, pointed to by primitive numbers. Sorting is: count into groups (partition and table),
 * then merge sort in each group by the key's first eight bytes, looking at the bytes only when those are equal.
 */
final class Arena {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    // A record: group, lsn, ordinal, schema, commit, operation, key length, tuple length, key, tuple
    private static final int LSN_AT = 4;
    private static final int ORDINAL_AT = 12;
    private static final int SCHEMA_AT = 20;
    private static final int COMMIT_AT = 24;
    private static final int OPERATION_AT = 28;
    private static final int KEY_LENGTH_AT = 29;
    private static final int TUPLE_LENGTH_AT = 33;
    private static final int HEAD_BYTES = 37;
    private static final int POINTER_BYTES = 32; // two longs now, two more while sorting

    private final int chunkBytes;
    private final Groups groups = new Groups();
    private final List<byte[]> chunks = new ArrayList<>();
    private int chunk = -1;
    private int used;
    private long allocated;
    private long[] pointers = new long[256];
    private long[] prefixes = new long[256];
    private int size;
    private boolean sorted;

    Arena(int chunkBytes) {
        this.chunkBytes = chunkBytes;
    }

    int size() {
        return size;
    }

    /** Memory in use if a record of that many bytes is added. */
    long memoryBytesWith(RawRecord record) {
        long recordBytes = HEAD_BYTES + (long) record.keyLength + record.tupleLength;
        boolean fits = chunk >= 0 && used + recordBytes <= chunks.get(chunk).length;
        long more = fits || chunk + 1 < chunks.size() ? 0 : Math.max(recordBytes, chunkBytes);
        return allocated + more + (long) (size + 1) * POINTER_BYTES + groups.memoryBytes();
    }

    void add(RawRecord record) {
        int length = HEAD_BYTES + record.keyLength + record.tupleLength;
        byte[] bytes = room(length);
        int at = used;
        INT.set(bytes, at, groups.numberOf(record));
        LONG.set(bytes, at + LSN_AT, record.lsn);
        LONG.set(bytes, at + ORDINAL_AT, record.ordinal);
        INT.set(bytes, at + SCHEMA_AT, record.schema);
        INT.set(bytes, at + COMMIT_AT, record.commit);
        bytes[at + OPERATION_AT] = record.operation;
        INT.set(bytes, at + KEY_LENGTH_AT, record.keyLength);
        INT.set(bytes, at + TUPLE_LENGTH_AT, record.tupleLength);
        System.arraycopy(record.keyBytes, record.keyOffset, bytes, at + HEAD_BYTES, record.keyLength);
        int tupleAt = at + HEAD_BYTES + record.keyLength;
        System.arraycopy(record.tupleBytes, record.tupleOffset, bytes, tupleAt, record.tupleLength);
        used += length;
        if (size == pointers.length) {
            pointers = Arrays.copyOf(pointers, size + (size >> 1) + 16);
            prefixes = Arrays.copyOf(prefixes, pointers.length);
        }
        pointers[size] = (long) chunk << 32 | at;
        prefixes[size++] = prefix(record.keyBytes, record.keyOffset, record.keyLength);
        sorted = false;
    }

    private byte[] room(int length) {
        while (chunk < 0 || chunks.get(chunk).length - used < length) {
            chunk++;
            used = 0;
            if (chunk == chunks.size()) {
                byte[] made = new byte[Math.max(length, chunkBytes)];
                chunks.add(made);
                allocated += made.length;
            }
        }
        return chunks.get(chunk);
    }

    private static long prefix(byte[] bytes, int offset, int length) {
        if (length >= 8) {
            return (long) LONG.get(bytes, offset);
        }
        long prefix = 0;
        for (int i = 0; i < length; i++) {
            prefix |= (bytes[offset + i] & 0xFFL) << (56 - 8 * i);
        }
        return prefix;
    }

    /** Forgets the records and their memory. */
    void release() {
        clear();
        chunks.clear();
        allocated = 0;
    }

    /** Forgets the records and keeps the memory, but for chunks made for large rows. */
    void clear() {
        chunks.removeIf(bytes -> bytes.length > chunkBytes);
        allocated = (long) chunks.size() * chunkBytes;
        chunk = -1;
        used = 0;
        size = 0;
        groups.clear();
    }

    /** Fills the record with the one at a place in the order. */
    void read(int place, RawRecord record) {
        long pointer = pointers[place];
        byte[] bytes = chunks.get((int) (pointer >>> 32));
        int at = (int) pointer;
        groups.read((int) INT.get(bytes, at), record);
        record.lsn = (long) LONG.get(bytes, at + LSN_AT);
        record.ordinal = (long) LONG.get(bytes, at + ORDINAL_AT);
        record.schema = (int) INT.get(bytes, at + SCHEMA_AT);
        record.commit = (int) INT.get(bytes, at + COMMIT_AT);
        record.operation = bytes[at + OPERATION_AT];
        record.keyBytes = bytes;
        record.keyOffset = at + HEAD_BYTES;
        record.keyLength = (int) INT.get(bytes, at + KEY_LENGTH_AT);
        record.tupleBytes = bytes;
        record.tupleOffset = record.keyOffset + record.keyLength;
        record.tupleLength = (int) INT.get(bytes, at + TUPLE_LENGTH_AT);
    }

    void sort() {
        if (sorted) {
            return;
        }
        int[] starts = countIntoGroups();
        long[] sparePointers = new long[size];
        long[] sparePrefixes = new long[size];
        for (int i = 0; i < size; i++) {
            int place = starts[rank(pointers[i])]++;
            sparePointers[place] = pointers[i];
            sparePrefixes[place] = prefixes[i];
        }
        // Now starts[g] is the end of group g. The old arrays are the merge sort's spare room.
        PointerSort sorter = new PointerSort(sparePointers, sparePrefixes, pointers, prefixes, this::compare);
        int begin = 0;
        for (int end : starts) {
            sorter.sort(begin, end);
            begin = end;
        }
        pointers = sparePointers.length == 0 ? pointers : sparePointers;
        prefixes = sparePrefixes.length == 0 ? prefixes : sparePrefixes;
        sorted = true;
    }

    private int[] countIntoGroups() {
        groups.rank();
        int[] counts = new int[groups.size()];
        for (int i = 0; i < size; i++) {
            counts[rank(pointers[i])]++;
        }
        int start = 0;
        for (int i = 0; i < counts.length; i++) {
            int count = counts[i];
            counts[i] = start;
            start += count;
        }
        return counts;
    }

    private int rank(long pointer) {
        return groups.rankOf((int) INT.get(chunks.get((int) (pointer >>> 32)), (int) pointer));
    }

    /** By key, commit LSN, ordinal, within a group. */
    private int compare(long pointer, long other) {
        byte[] bytes = chunks.get((int) (pointer >>> 32));
        byte[] otherBytes = chunks.get((int) (other >>> 32));
        int at = (int) pointer;
        int otherAt = (int) other;
        int keyAt = at + HEAD_BYTES;
        int otherKeyAt = otherAt + HEAD_BYTES;
        int byKey = Arrays.compareUnsigned(
                bytes,
                keyAt,
                keyAt + (int) INT.get(bytes, at + KEY_LENGTH_AT),
                otherBytes,
                otherKeyAt,
                otherKeyAt + (int) INT.get(otherBytes, otherAt + KEY_LENGTH_AT));
        if (byKey != 0) {
            return byKey;
        }
        int byLsn = Long.compareUnsigned(
                (long) LONG.get(bytes, at + LSN_AT), (long) LONG.get(otherBytes, otherAt + LSN_AT));
        return byLsn != 0
                ? byLsn
                : Long.compareUnsigned(
                        (long) LONG.get(bytes, at + ORDINAL_AT), (long) LONG.get(otherBytes, otherAt + ORDINAL_AT));
    }

    /** Partition and table of the records in the arena, numbered in order of first use; a small open hash table. */
    private static final class Groups {
        private static final int GROUP_BYTES = 64;

        private int[] slots = new int[64];
        private long[] highs = new long[32];
        private long[] lows = new long[32];
        private int[] oids = new int[32];
        private Partition[] partitions = new Partition[32];
        private int[] ranks = new int[0];
        private int size;

        int size() {
            return size;
        }

        long memoryBytes() {
            return (long) size * GROUP_BYTES;
        }

        int numberOf(RawRecord record) {
            int mask = slots.length - 1;
            int slot = hash(record.tokenLow, record.oid) & mask;
            while (slots[slot] != 0) {
                int group = slots[slot] - 1;
                if (lows[group] == record.tokenLow && oids[group] == record.oid && highs[group] == record.tokenHigh) {
                    return group;
                }
                slot = (slot + 1) & mask;
            }
            slots[slot] = size + 1;
            return append(record);
        }

        private int append(RawRecord record) {
            if (size == highs.length) {
                highs = Arrays.copyOf(highs, size * 2);
                lows = Arrays.copyOf(lows, size * 2);
                oids = Arrays.copyOf(oids, size * 2);
                partitions = Arrays.copyOf(partitions, size * 2);
            }
            highs[size] = record.tokenHigh;
            lows[size] = record.tokenLow;
            oids[size] = record.oid;
            partitions[size] = record.partition;
            size++;
            if (size * 2 > slots.length) {
                rehash();
            }
            return size - 1;
        }

        private void rehash() {
            slots = new int[slots.length * 2];
            int mask = slots.length - 1;
            for (int group = 0; group < size; group++) {
                int slot = hash(lows[group], oids[group]) & mask;
                while (slots[slot] != 0) {
                    slot = (slot + 1) & mask;
                }
                slots[slot] = group + 1;
            }
        }

        private static int hash(long low, int oid) {
            long mixed = (low ^ oid) * 0x9E3779B97F4A7C15L;
            return (int) (mixed >>> 32);
        }

        void rank() {
            Integer[] order = new Integer[size];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, (a, b) -> {
                int byToken = Token.compare(highs[a], lows[a], highs[b], lows[b]);
                return byToken != 0 ? byToken : Integer.compareUnsigned(oids[a], oids[b]);
            });
            ranks = new int[size];
            for (int i = 0; i < size; i++) {
                ranks[order[i]] = i;
            }
        }

        int rankOf(int group) {
            return ranks[group];
        }

        void read(int group, RawRecord record) {
            record.tokenHigh = highs[group];
            record.tokenLow = lows[group];
            record.oid = oids[group];
            record.partition = partitions[group];
        }

        void clear() {
            Arrays.fill(slots, 0);
            Arrays.fill(partitions, 0, size, null);
            size = 0;
        }
    }
}
