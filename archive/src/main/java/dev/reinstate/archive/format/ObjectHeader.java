package dev.reinstate.archive.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The first 48 bytes of a data object. */
public final class ObjectHeader {
    public static final int BYTES = 48;
    static final int VERSION = 1;
    private static final byte[] MAGIC = "RNSTOBJ1".getBytes(StandardCharsets.US_ASCII);
    private static final int CRC_AT = 44;
    private static final int ENCRYPTED = 1;

    private ObjectHeader() {}

    static byte[] write(ObjectKind kind, ObjectId id, boolean encrypted) {
        ByteSink sink = new ByteSink(BYTES);
        sink.raw(MAGIC)
                .u16(VERSION)
                .u8(kind.code())
                .u8(encrypted ? ENCRYPTED : 0)
                .raw(id.bytes())
                .u64(0)
                .u64(0);
        sink.u32(Checksum.crc(sink.array(), 0, sink.size()));
        return sink.toByteArray();
    }

    /** Throws unless the bytes are the header of exactly that object. */
    public static void require(byte[] bytes, ObjectKind kind, ObjectId id, boolean encrypted) {
        if (bytes.length < BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw Damage.of("INV-9", "An object's header", "it does not begin with RNSTOBJ1");
        }
        ByteSource source = new ByteSource(bytes, MAGIC.length, BYTES - MAGIC.length);
        int version = source.u16();
        int kindCode = source.u8();
        int flags = source.u8();
        byte[] foundId = source.raw(ObjectId.BYTES);
        source.skip(16);
        if (source.u32() != Checksum.crc(bytes, 0, CRC_AT)) {
            throw Damage.of("INV-9", "An object's header", "its checksum does not match");
        }
        if (version != VERSION || flags > ENCRYPTED) {
            throw Damage.of("INV-9", "An object of format version " + version, "this program knows version 1");
        }
        if (encrypted != (flags == ENCRYPTED)) {
            throw Damage.of("INV-20", "An object's header", "only one of it and its archive is encrypted");
        }
        if (ObjectKind.ofCode(kindCode) != kind || !Arrays.equals(foundId, id.bytes())) {
            throw Damage.of("INV-3", "An object's header", "it is another object than the manifest names");
        }
    }
}
