package dev.reinstate.capture.image;

import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Some of the owner records met last, in 4 MB: one for each place a hash leads to. As bytes, which the garbage collector
 * neither follows nor moves. Not thread-safe.
 */
final class RecentOwners {
    private static final int PLACE_BITS = 15;
    private static final int PLACE_BYTES = 128;

    /** Of each place: the key's length and the record's, one byte each, then both; no length is 0 but where there is none. */
    private final byte[] places = new byte[PLACE_BYTES << PLACE_BITS];

    /** Null when it is not among them. */
    @Nullable
    OwnerRecord get(OwnerKey key) {
        int at = place(key);
        int recordAt = at + 2 + places[at];
        byte[] wanted = key.bytes();
        return Arrays.equals(places, at + 2, recordAt, wanted, 0, wanted.length)
                ? OwnerRecord.ofBytes(Arrays.copyOfRange(places, recordAt, recordAt + places[at + 1]))
                : null;
    }

    /** From now on the key has that record. */
    void put(OwnerKey key, OwnerRecord record) {
        int at = place(key);
        byte[] keyBytes = key.bytes();
        byte[] recordBytes = record.bytes();
        if (keyBytes.length + recordBytes.length > PLACE_BYTES - 2) {
            places[at] = 0;
            return;
        }
        places[at] = (byte) keyBytes.length;
        places[at + 1] = (byte) recordBytes.length;
        System.arraycopy(keyBytes, 0, places, at + 2, keyBytes.length);
        System.arraycopy(recordBytes, 0, places, at + 2 + keyBytes.length, recordBytes.length);
    }

    private static int place(OwnerKey key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return (hash >>> (Integer.SIZE - PLACE_BITS)) * PLACE_BYTES;
    }
}
