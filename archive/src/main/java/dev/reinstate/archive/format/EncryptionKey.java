package dev.reinstate.archive.format;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of 256 bits that encrypts nothing itself: others are derived from it (HKDF-SHA256, RFC 5869), one for each thing
 * that is encrypted. Never printed. Thread-safe.
 */
public final class EncryptionKey {
    public static final int BYTES = 32;
    public static final int SALT_BYTES = 16;

    private static final String DERIVATION = "HKDF-SHA256";

    /** Finding it among all providers takes several times as long as to derive a key. */
    private static final Provider PROVIDER = findProvider();

    private final SecretKeySpec key;

    private static Provider findProvider() {
        try {
            return Security.getProvider(KDF.getInstance(DERIVATION).getProviderName());
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    private static IllegalStateException unavailable(GeneralSecurityException e) {
        return new IllegalStateException(DERIVATION + " is part of every Java platform", e);
    }

    /** @param key 32 bytes, as unpredictable as the key is to be */
    public EncryptionKey(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes");
        }
        this.key = new SecretKeySpec(key, "Generic");
    }

    public static EncryptionKey random(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new EncryptionKey(bytes);
    }

    /** The key itself, for wrapping it. */
    public byte[] bytes() {
        return key.getEncoded();
    }

    /** 32 bytes that nobody can tell without the key; the same for the same salt and purpose. */
    public byte[] derive(byte[] salt, String purpose) {
        try {
            return KDF.getInstance(DERIVATION, PROVIDER)
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(key)
                            .addSalt(salt)
                            .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), BYTES));
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /**
     * A sealed box: salt, ciphertext, tag.
     *
     * @param context what it is and where it belongs; needed to open it
     * @param salt 16 random bytes, used for nothing else
     */
    public byte[] seal(byte[] plain, String context, byte[] salt) {
        byte[] encrypted =
                new ContentKey(derive(salt, context)).encrypt(0, associated(context), plain, 0, plain.length);
        byte[] box = Arrays.copyOf(salt, SALT_BYTES + encrypted.length);
        System.arraycopy(encrypted, 0, box, SALT_BYTES, encrypted.length);
        return box;
    }

    /** What is in a box; {@code DAMAGED} if it was sealed by another key or for another place, or was changed since. */
    public byte[] open(byte[] box, String context, String what) {
        if (box.length < SALT_BYTES + ContentKey.TAG_BYTES) {
            throw Damage.of("INV-20", what, "it is too short to be encrypted");
        }
        ContentKey content = new ContentKey(derive(Arrays.copyOf(box, SALT_BYTES), context));
        return content.decrypt(what, 0, associated(context), box, SALT_BYTES, box.length - SALT_BYTES);
    }

    private static byte[] associated(String context) {
        return context.getBytes(StandardCharsets.UTF_8);
    }
}
