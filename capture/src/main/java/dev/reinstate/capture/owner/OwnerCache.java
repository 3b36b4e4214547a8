package dev.reinstate.capture.owner;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The newest records of rows that were read or changed lately, in two generations: when the young one is full the old
 * one goes, and whoever is asked for again becomes young again. Kept as bytes, up to 32 MB: half a million records as
 * objects would be three times that, and every collection would look at them. Not thread-safe.
 */
final class OwnerCache {
    private static final int GENERATION_BYTES = 8 << 20;

    private Generation young;
    private Generation old;

    OwnerCache() {
        this(GENERATION_BYTES);
    }

    /** @param generationBytes for keys and records; places take half of that on top */
    OwnerCache(int generationBytes) {
        young = new Generation(generationBytes);
        old = new Generation(generationBytes);
    }

    /** Null when nothing is known, {@link OwnerRecord#isRemoved} for a record that is known to be gone. */
    @Nullable
    OwnerRecord get(OwnerKey key) {
        OwnerRecord record = young.get(key);
        if (record == null) {
            record = old.get(key);
            if (record != null) {
                put(key, record);
            }
        }
        return record;
    }

    void put(OwnerKey key, OwnerRecord record) {
        if (young.put(key, record)) {
            return;
        }
        Generation full = young;
        young = old;
        old = full;
        young.clear();
        if (!young.put(key, record)) {
            clear(); // larger than a generation: what was known of it is not true any more
        }
    }

    void clear() {
        young.clear();
        old.clear();
    }

    /** Entries one after the other, found by a table of hash and place. */
    private static final class Generation {
        private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
        private static final int RECORD_LENGTH_AT = 4;
        private static final int HEAD_BYTES = 8;
        private static final int SPREAD = 0x9E3779B9;

        private final int limitBytes;
        private byte[] entries = new byte[1 << 10];
        private int used;
        private long[] slots = new long[64]; // hash, place + 1; 0 where there is none
        private int count;

        Generation(int limitBytes) {
            this.limitBytes = limitBytes;
        }

        @Nullable
        OwnerRecord get(OwnerKey key) {
            int at = placeAt(slotOf(key));
            if (at < 0) {
                return null;
            }
            int from = at + HEAD_BYTES + key.bytes().length;
            return OwnerRecord.ofBytes(Arrays.copyOfRange(entries, from, from + recordLength(at)));
        }

        /** False when it is full. */
        boolean put(OwnerKey key, OwnerRecord record) {
            byte[] name = key.bytes();
            byte[] value = record.bytes();
            int slot = slotOf(key);
            int at = placeAt(slot);
            if (at < 0 || recordLength(at) != value.length) {
                long needed = (long) used + HEAD_BYTES + name.length + value.length;
                if (needed > limitBytes) {
                    return false;
                }
                if (at < 0 && ++count * 3 > slots.length * 2) {
                    doubleSlots();
                    slot = slotOf(key);
                }
                at = append(name, value.length, (int) needed);
                slots[slot] = (long) key.hashCode() << 32 | at + 1;
            }
            System.arraycopy(value, 0, entries, at + HEAD_BYTES + name.length, value.length);
            return true;
        }

        private int append(byte[] name, int recordLength, int needed) {
            if (needed > entries.length) {
                entries = Arrays.copyOf(entries, Math.min(limitBytes, Math.max(needed, entries.length * 2)));
            }
            int at = used;
            INT.set(entries, at, name.length);
            INT.set(entries, at + RECORD_LENGTH_AT, recordLength);
            System.arraycopy(name, 0, entries, at + HEAD_BYTES, name.length);
            used = needed;
            return at;
        }

        private int slotOf(OwnerKey key) {
            int hash = key.hashCode();
            int slot = first(hash, slots.length);
            while (slots[slot] != 0 && !((int) (slots[slot] >>> 32) == hash && isOf(key, placeAt(slot)))) {
                slot = (slot + 1) & (slots.length - 1);
            }
            return slot;
        }

        private static int first(int hash, int length) {
            return (hash * SPREAD) >>> (Integer.numberOfLeadingZeros(length) + 1);
        }

        private int placeAt(int slot) {
            return (int) slots[slot] - 1;
        }

        private boolean isOf(OwnerKey key, int at) {
            byte[] name = key.bytes();
            int from = at + HEAD_BYTES;
            return (int) INT.get(entries, at) == name.length
                    && Arrays.equals(entries, from, from + name.length, name, 0, name.length);
        }

        private int recordLength(int at) {
            return (int) INT.get(entries, at + RECORD_LENGTH_AT);
        }

        private void doubleSlots() {
            long[] fewer = slots;
            slots = new long[fewer.length * 2];
            for (long entry : fewer) {
                if (entry != 0) {
                    int slot = first((int) (entry >>> 32), slots.length);
                    while (slots[slot] != 0) {
                        slot = (slot + 1) & (slots.length - 1);
                    }
                    slots[slot] = entry;
                }
            }
        }

        void clear() {
            Arrays.fill(slots, 0);
            used = 0;
            count = 0;
        }
    }
}
