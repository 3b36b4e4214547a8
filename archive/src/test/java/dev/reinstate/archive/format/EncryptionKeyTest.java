package dev.reinstate.archive.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.SplittableRandom;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class EncryptionKeyTest {
    private static final long SEED = Long.getLong("derivation.seed", System.nanoTime());

    @Test
    void derivesWhatThePlatformsHkdfDoes() throws GeneralSecurityException {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 500; i++) {
            byte[] key = bytes(random, EncryptionKey.BYTES);
            byte[] salt = bytes(random, random.nextInt(100)); // none, a usual one, longer than HMAC's block
            String purpose = "reinstate/\u00e4".repeat(random.nextInt(20));
            assertThat(new EncryptionKey(key).derive(salt, purpose))
                    .as("seed %d", SEED)
                    .isEqualTo(hkdf(key, salt, purpose));
        }
    }

    private static byte[] bytes(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] hkdf(byte[] key, byte[] salt, String purpose) throws GeneralSecurityException {
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(HKDFParameterSpec.ofExtract()
                        .addIKM(new SecretKeySpec(key, "Generic"))
                        .addSalt(salt)
                        .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), EncryptionKey.BYTES));
    }
}
