package dev.reinstate.archive.format;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of 256 bits that encrypts nothing itself: others are derived from it (HKDF-SHA256, RFC 5869), one for each thing
 * that is encrypted. Never printed. Thread-safe.
 */
public final class EncryptionKey {
    public static final int BYTES = 32;
    public static final int SALT_BYTES = 16;

    private static final String HMAC = "HmacSHA256";

    /** The salt that stands for none. */
    private static final byte[] NO_SALT = new byte[BYTES];

    /** As many as worked at once: to find one among all providers takes as long as to derive a key. */
    private static final Queue<Mac> IDLE = new ConcurrentLinkedQueue<>();

    private final SecretKeySpec key;

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

    /**
     * 32 bytes that nobody can tell without the key; the same for the same salt and purpose. The first block of HKDF's output
     * is all of it. The platform's own HKDF looks for its HMAC among all providers each time, which took as long as reading a
     * small block does.
     */
    public byte[] derive(byte[] salt, String purpose) {
        try {
            Mac idle = IDLE.poll();
            Mac mac = idle == null ? Mac.getInstance(HMAC) : idle;
            mac.init(new SecretKeySpec(salt.length == 0 ? NO_SALT : salt, HMAC));
            byte[] extracted = mac.doFinal(key.getEncoded());
            mac.init(new SecretKeySpec(extracted, HMAC));
            mac.update(purpose.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 1);
            byte[] derived = mac.doFinal();
            IDLE.add(mac);
            return derived;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(HMAC + " is part of every Java platform", e);
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
