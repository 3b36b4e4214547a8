package dev.reinstate.archive.format;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A derived key that encrypts the parts of one thing, with AES-256-GCM. A part's number is its nonce: each number may
 * encrypt once. Thread-safe.
 */
final class ContentKey {
    static final int TAG_BYTES = 16;
    private static final int NONCE_BYTES = 12;

    /** The JVM compiles what is called often: in pieces of that size it is at full speed after five megabytes. */
    private static final int PIECE_BYTES = 1 << 10;

    private static final String TRANSFORMATION = "AES/GCM/NoPadding";

    /** For decrypting: as many as did so at once, since finding one among all providers takes as long as a small block. */
    private static final Queue<Cipher> IDLE = new ConcurrentLinkedQueue<>();

    private final SecretKeySpec key;

    ContentKey(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /** Ciphertext and tag. */
    byte[] encrypt(int number, byte[] associated, byte[] bytes, int offset, int length) {
        try {
            Cipher cipher = begin(Cipher.getInstance(TRANSFORMATION), Cipher.ENCRYPT_MODE, number, associated);
            byte[] encrypted = new byte[length + TAG_BYTES];
            int size = 0;
            int from = offset;
            while (offset + length - from > PIECE_BYTES) {
                size += cipher.update(bytes, from, PIECE_BYTES, encrypted, size);
                from += PIECE_BYTES;
            }
            cipher.doFinal(bytes, from, offset + length - from, encrypted, size);
            return encrypted;
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** {@code DAMAGED} unless exactly this was encrypted with this key, number and associated data. */
    byte[] decrypt(String what, int number, byte[] associated, byte[] bytes, int offset, int length) {
        if (length < TAG_BYTES) {
            throw Damage.of("INV-20", what, "it is too short to be encrypted");
        }
        try {
            Cipher idle = IDLE.poll();
            Cipher cipher = idle == null ? Cipher.getInstance(TRANSFORMATION) : idle;
            begin(cipher, Cipher.DECRYPT_MODE, number, associated);
            byte[] plain = cipher.doFinal(bytes, offset, length);
            IDLE.add(cipher);
            return plain;
        } catch (AEADBadTagException e) {
            throw Damage.of(
                    "INV-20",
                    what,
                    "it does not decrypt: it was changed, or belongs somewhere else, or to another archive's keyring");
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    private Cipher begin(Cipher cipher, int mode, int number, byte[] associated) throws GeneralSecurityException {
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putInt(8, number).array();
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
        cipher.updateAAD(associated);
        return cipher;
    }

    private static IllegalStateException unavailable(GeneralSecurityException e) {
        return new IllegalStateException(TRANSFORMATION + " is part of every Java platform", e);
    }
}
