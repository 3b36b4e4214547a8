package dev.reinstate.archive.format;

import java.util.Optional;

/** Encrypts or decrypts the sections of one object; without keys, leaves them as they are. Thread-safe. */
final class SectionCipher {
    private final ObjectId object;
    private final Optional<ContentKey> content;

    /** @param keys empty if the archive is not encrypted */
    SectionCipher(Optional<ObjectKeys> keys, ObjectId object) {
        this.object = object;
        this.content = keys.map(known -> new ContentKey(known.metadata().derive(object.bytes(), "reinstate/sections")));
    }

    boolean encrypts() {
        return content.isPresent();
    }

    Compression.Packed encrypt(int number, Compression.Packed packed) {
        return content.map(key -> {
                    byte[] associated = associated(number, packed.codec(), packed.rawLength());
                    byte[] stored = key.encrypt(number, associated, packed.bytes(), 0, packed.length());
                    return new Compression.Packed(packed.codec(), stored, stored.length, packed.rawLength());
                })
                .orElse(packed);
    }

    /** What was compressed: {@code length} bytes from {@code offset}, decrypted into bytes of their own if need be. */
    byte[] unpack(int number, int codec, int rawLength, byte[] bytes, int offset, int length) {
        if (content.isEmpty()) {
            return Compression.unpack(codec, bytes, offset, length, rawLength);
        }
        byte[] packed = content.get()
                .decrypt("Section " + number, number, associated(number, codec, rawLength), bytes, offset, length);
        return Compression.unpack(codec, packed, 0, packed.length, rawLength);
    }

    private byte[] associated(int number, int codec, int rawLength) {
        return new ByteSink(ObjectId.BYTES + 6)
                .raw(object.bytes())
                .u8(number)
                .u8(codec)
                .u32(rawLength)
                .toByteArray();
    }
}
