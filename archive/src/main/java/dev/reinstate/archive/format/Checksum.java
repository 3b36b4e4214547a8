package dev.reinstate.archive.format;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** CRC-32C for parts, SHA-256 for wholes. */
public final class Checksum {
    private Checksum() {}

    public static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** Of {@code context} followed by the bytes: the context is known from elsewhere and not stored with them. */
    static int crc(byte[] context, byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(context, 0, context.length);
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }

    /** Of the object id, the section's number and its stored bytes. */
    static int crcOfSection(byte[] objectId, int section, byte[] stored, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(objectId, 0, objectId.length);
        crc.update(section);
        crc.update(stored, offset, length);
        return (int) crc.getValue();
    }

    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", e);
        }
    }

    public static String sha256Hex(byte[] bytes) {
        return HexFormat.of().formatHex(newSha256().digest(bytes));
    }
}
