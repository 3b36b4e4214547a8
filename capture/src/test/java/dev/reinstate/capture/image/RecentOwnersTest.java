package dev.reinstate.capture.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.model.RowKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentOwnersTest {
    private final RecentOwners owners = new RecentOwners();

    @Test
    void aKeyHasTheRecordItWasGivenLast() {
        owners.put(key(1, 2), record(3));
        owners.put(key(1, 2), record(40));
        owners.put(key(1, 3), record(4));

        assertThat(owners.get(key(1, 2))).isEqualTo(record(40));
        assertThat(owners.get(key(1, 3))).isEqualTo(record(4));
        assertThat(owners.get(key(2, 2))).isNull();
    }

    @Test
    void aRecordThatIsTooLongIsForgottenAndTheOneBeforeAsWell() {
        owners.put(key(1, 100), record(22));
        assertThat(owners.get(key(1, 100))).isEqualTo(record(22));

        owners.put(key(1, 100), record(23));
        assertThat(owners.get(key(1, 100))).isNull();
    }

    @Test
    void whatIsFoundIsWhatWasPut() {
        Random random = new Random(7);
        Map<OwnerKey, OwnerRecord> put = new HashMap<>();
        int found = 0;
        for (int i = 0; i < 200_000; i++) {
            OwnerKey key =
                    OwnerKey.of(random.nextInt(3), RowKey.ofEncoded(bytes(1 + random.nextInt(60), random.nextInt())));
            if (random.nextBoolean()) {
                key = put.keySet().stream().findFirst().orElse(key);
            }
            OwnerRecord known = owners.get(key);
            if (known != null) {
                assertThat(known).isEqualTo(put.get(key));
                found++;
            }
            OwnerRecord record = OwnerRecord.ofBytes(bytes(1 + random.nextInt(60), i));
            owners.put(key, record);
            put.put(key, record);
        }
        assertThat(found).isGreaterThan(50_000);
    }

    private static OwnerKey key(int oid, int length) {
        return OwnerKey.of(oid, RowKey.ofEncoded(bytes(length, length)));
    }

    private static OwnerRecord record(int length) {
        return OwnerRecord.ofBytes(bytes(length, length));
    }

    private static byte[] bytes(int length, int seed) {
        byte[] bytes = new byte[length];
        if (length >= Integer.BYTES) {
            new Random(seed).nextBytes(bytes);
        } else {
            Arrays.fill(bytes, (byte) seed);
        }
        return bytes;
    }
}
