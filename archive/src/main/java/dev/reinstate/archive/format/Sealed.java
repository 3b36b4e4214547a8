package dev.reinstate.archive.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Content with its own SHA-256 behind it, in text that a person can read. */
public final class Sealed {
    private static final int SEAL_BYTES = 73;

    private Sealed() {}

    public static byte[] seal(byte[] content) {
        byte[] whole = Arrays.copyOf(content, content.length + SEAL_BYTES);
        byte[] seal = sealOf(content);
        System.arraycopy(seal, 0, whole, content.length, SEAL_BYTES);
        return whole;
    }

    private static byte[] sealOf(byte[] content) {
        return ("\nsha256 " + Checksum.sha256Hex(content) + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** The content, or {@code DAMAGED} if the seal does not hold. */
    public static byte[] open(String key, byte[] whole) {
        int length = whole.length - SEAL_BYTES;
        if (length < 0) {
            throw Damage.of("INV-2", "Object " + key, "it is shorter than its seal");
        }
        byte[] content = Arrays.copyOf(whole, length);
        if (!Arrays.equals(whole, length, whole.length, sealOf(content), 0, SEAL_BYTES)) {
            throw Damage.of("INV-2", "Object " + key, "its seal does not match its content");
        }
        return content;
    }
}
