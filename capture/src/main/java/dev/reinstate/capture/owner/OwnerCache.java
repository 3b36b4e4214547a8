package dev.reinstate.capture.owner;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records asked for lately, in two generations: when the young one is full the old one goes, and whoever is asked for
 * again becomes young again. Not thread-safe.
 */
final class OwnerCache {
    private static final int GENERATION = 64 << 10;

    private Map<OwnerKey, OwnerRecord> young = new HashMap<>();
    private Map<OwnerKey, OwnerRecord> old = new HashMap<>();

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
        if (young.size() >= GENERATION) {
            old = young;
            young = new HashMap<>();
        }
        young.put(key, record);
    }

    void remove(OwnerKey key) {
        young.remove(key);
        old.remove(key);
    }

    void clear() {
        young.clear();
        old.clear();
    }
}
