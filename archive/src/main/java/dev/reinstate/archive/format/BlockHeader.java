package dev.reinstate.archive.format;

import java.util.Arrays;

/**
 * The 52 bytes before a block's payload.
 *
 * @param number the block's place in its object
 * @param payloadCrc of the stored payload
 */
public record BlockHeader(int codec, int number, Token token, int storedLength, int rawLength, int payloadCrc) {
    public static final int BYTES = 52;
    private static final int CRC_AT = 48;

    void write(ByteSink sink, byte[] objectId) {
        int start = sink.size();
        sink.u8(codec).u8(0).u16(0).u32(number).u64(0).u32(0);
        sink.u64(token.high()).u64(token.low()).u32(storedLength).u32(rawLength).u32(payloadCrc);
        sink.u32(Checksum.crc(objectId, sink.array(), start, CRC_AT));
    }

    /** The header at that place, checked against where it was found. */
    public static BlockHeader read(byte[] bytes, int offset, ObjectId object, int number) {
        ByteSource source = new ByteSource(bytes, offset, Math.min(BYTES, bytes.length - offset));
        int codec = source.u8();
        int flags = source.u8();
        int keyId = source.u16();
        int foundNumber = source.u32();
        byte[] nonce = source.raw(12);
        Token token = new Token(source.u64(), source.u64());
        BlockHeader header = new BlockHeader(codec, foundNumber, token, source.u32(), source.u32(), source.u32());
        if (source.u32() != Checksum.crc(object.bytes(), bytes, offset, CRC_AT)) {
            throw Damage.of("INV-9", "The header of block " + number, "its checksum does not match");
        }
        if (flags != 0 || keyId != 0 || !Arrays.equals(nonce, new byte[12])) {
            throw Damage.of("INV-9", "Block " + number, "it is encrypted, which this program does not know");
        }
        if (foundNumber != number || header.storedLength < 0 || header.rawLength < 0) {
            throw Damage.of("INV-8", "Block " + number, "another block is in its place");
        }
        return header;
    }

    /** Checks and decompresses the payload that follows a header. */
    public byte[] unpack(byte[] bytes, int payloadOffset) {
        if (payloadOffset + storedLength > bytes.length
                || Checksum.crc(bytes, payloadOffset, storedLength) != payloadCrc) {
            throw Damage.of("INV-9", "Block " + number, "its checksum does not match");
        }
        return Compression.unpack(codec, bytes, payloadOffset, storedLength, rawLength);
    }
}
