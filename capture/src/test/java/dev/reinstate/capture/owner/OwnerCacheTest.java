package dev.reinstate.capture.owner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TenantId;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept in memory is what the index and the layers over it say. */
final class OwnerCacheTest {
    private static final int TABLES = 3;
    private static final int ROWS = 200;
    private static final int SMALL = 2 << 10; // about sixty entries

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private OwnerKey key() {
        int row = random.nextInt(ROWS);
        byte[] bytes = new byte[1 + row % 7 + Integer.BYTES];
        ByteBuffer.wrap(bytes).putInt(row);
        return OwnerKey.of(1 + random.nextInt(TABLES), bytes);
    }

    private OwnerRecord record() {
        return OwnerRecord.tenant(new TenantId("site-" + random.nextInt(20_000)));
    }

    @RepeatedTest(5)
    void saysWhatWasPutLastOrNothing() {
        OwnerCache cache = new OwnerCache(SMALL);
        Map<OwnerKey, OwnerRecord> newest = new HashMap<>();
        int known = 0;
        for (int i = 0; i < 20_000; i++) {
            OwnerKey key = key();
            if (random.nextInt(3) == 0) {
                OwnerRecord record = random.nextInt(8) == 0 ? OwnerRecord.REMOVED : record();
                newest.put(key, record);
                cache.put(key, record);
                assertThat(cache.get(key)).as("seed %d", seed).isEqualTo(record);
            } else {
                OwnerRecord record = cache.get(key);
                known += record == null ? 0 : 1;
                assertThat(record).as("seed %d", seed).isIn(null, newest.get(key));
            }
            if (random.nextInt(5_000) == 0) {
                cache.clear();
                assertThat(cache.get(key)).isNull();
            }
        }
        assertThat(known).as("seed %d", seed).isPositive();
    }

    @Test
    void whatFitsNowhereIsNotRememberedAsItWasBefore() {
        OwnerCache cache = new OwnerCache(SMALL);
        OwnerKey key = key();
        cache.put(key, record());
        cache.put(key, OwnerRecord.ofBytes(new byte[SMALL]));
        assertThat(cache.get(key)).isNull();
    }

    @Test
    void staysWhatWasAskedForAgain() {
        OwnerCache cache = new OwnerCache(SMALL);
        OwnerKey wanted = OwnerKey.of(9, new byte[] {1});
        OwnerRecord record = record();
        cache.put(wanted, record);
        for (int i = 0; i < 1_000; i++) {
            cache.put(OwnerKey.of(1, ByteBuffer.allocate(4).putInt(i).array()), record);
            assertThat(cache.get(wanted)).isEqualTo(record);
        }
        assertThat(cache.get(OwnerKey.of(1, new byte[4]))).isNull();
    }

    /** Transactions, segments that become durable in between, tables emptied: read at any time. */
    @Test
    void pendingOwnersAreThoseOfAllThatWasAttributed(@TempDir Path directory) {
        Map<OwnerKey, OwnerRecord> truth = new HashMap<>();
        Deque<OwnerLayer> pending = new ArrayDeque<>();
        try (OwnerIndex index = OwnerIndex.open(directory)) {
            PendingOwners owners = new PendingOwners(index, new OwnerCache(SMALL));
            for (int i = 0; i < 3_000; i++) {
                if (pending.isEmpty() || random.nextInt(20) == 0) {
                    pending.addLast(owners.push());
                }
                transaction(owners, pending.getLast(), truth);
                if (pending.size() > 1 && random.nextInt(10) == 0) {
                    owners.commit(pending.removeFirst(), Optional.empty(), new OwnerIndex.Reflected(new Lsn(i), ""));
                }
                OwnerKey key = key();
                assertThat(owners.get(key)).as("seed %d, %d", seed, i).isEqualTo(truth.get(key));
            }
            for (OwnerKey key : truth.keySet()) {
                assertThat(owners.get(key)).as("seed %d", seed).isEqualTo(truth.get(key));
            }
        }
    }

    private void transaction(PendingOwners owners, OwnerLayer newest, Map<OwnerKey, OwnerRecord> truth) {
        OwnerLayer layer = new OwnerLayer(owners);
        for (int i = random.nextInt(6); i >= 0; i--) {
            OwnerKey key = key();
            switch (random.nextInt(10)) {
                case 0, 1 -> {
                    layer.remove(key);
                    truth.remove(key);
                }
                case 2, 3 -> layer.touch(key);
                case 4 -> {
                    if (random.nextInt(40) == 0) {
                        layer.truncate(key.oid());
                        truth.keySet().removeIf(row -> row.oid() == key.oid());
                    }
                }
                default -> {
                    OwnerRecord record = record();
                    layer.put(key, record);
                    truth.put(key, record);
                }
            }
            assertThat(layer.get(key)).as("seed %d", seed).isEqualTo(truth.get(key));
        }
        owners.add(layer, newest);
    }
}
