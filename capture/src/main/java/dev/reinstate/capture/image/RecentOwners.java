package dev.reinstate.capture.image;

import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import org.jspecify.annotations.Nullable;

/** Some of the owner records met last, about 5 MB of them: one for each place a hash leads to. Not thread-safe. */
final class RecentOwners {
    private static final int PLACES = 1 << 15;
    private static final int LONGEST_BYTES = 128;

    private final @Nullable OwnerKey[] keys = new OwnerKey[PLACES];
    private final @Nullable OwnerRecord[] records = new OwnerRecord[PLACES];

    /** Null when it is not among them. */
    @Nullable
    OwnerRecord get(OwnerKey key) {
        int place = place(key);
        OwnerKey known = keys[place];
        return known != null && known.equals(key) ? records[place] : null;
    }

    /** From now on the key has that record. */
    void put(OwnerKey key, OwnerRecord record) {
        int place = place(key);
        boolean isLong = key.bytes().length + record.bytes().length > LONGEST_BYTES;
        keys[place] = isLong ? null : key;
        records[place] = isLong ? null : record;
    }

    private static int place(OwnerKey key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash >>> (Integer.SIZE - 15);
    }
}
