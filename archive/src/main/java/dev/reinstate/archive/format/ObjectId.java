package dev.reinstate.archive.format;

import java.util.HexFormat;

/** 16 random bytes that tie an object, its parts and the manifest entry together. */
public record ObjectId(String hex) {
    static final int BYTES = 16;

    public ObjectId {
        if (hex.length() != BYTES * 2) {
            throw Damage.of("INV-3", "The object id \"" + hex + "\"", "an id has 32 hexadecimal digits");
        }
    }

    public static ObjectId of(byte[] bytes) {
        return new ObjectId(HexFormat.of().formatHex(bytes));
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }
}
