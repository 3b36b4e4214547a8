package dev.reinstate.archive.format;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * The 52 bytes before a block's payload.
 *
 * @param generation of the data key it is encrypted under; empty if it is not encrypted
 * @param number the block's place in its object
 * @param storedLength of the payload, encryption included
 * @param payloadCrc of the stored payload
 */
public record BlockHeader(
        int codec, OptionalInt generation, int number, Token token, int storedLength, int rawLength, int payloadCrc) {
    public static final int BYTES = 52;
    private static final int CRC_AT = 48;
    private static final int ASSOCIATED_BYTES = 44;
    private static final int ENCRYPTED = 1;

    void write(ByteSink sink, byte[] objectId) {
        int start = sink.size();
        writeAssociated(sink);
        sink.u32(payloadCrc);
        sink.u32(Checksum.crc(objectId, sink.array(), start, CRC_AT));
    }

    private void writeAssociated(ByteSink sink) {
        sink.u8(codec).u8(generation.isPresent() ? ENCRYPTED : 0).u16(generation.orElse(0));
        sink.u32(number).u64(0).u32(0);
        sink.u64(token.high()).u64(token.low()).u32(storedLength).u32(rawLength);
    }

    /** What ties a payload to its place: the object, and all of the header that is known before the payload. */
    byte[] associated(ObjectId object) {
        ByteSink sink = new ByteSink(ObjectId.BYTES + ASSOCIATED_BYTES).raw(object.bytes());
        writeAssociated(sink);
        return sink.toByteArray();
    }

    BlockHeader withPayloadCrc(int crc) {
        return new BlockHeader(codec, generation, number, token, storedLength, rawLength, crc);
    }

    /** The header at that place, checked against where it was found. */
    public static BlockHeader read(byte[] bytes, int offset, ObjectId object, int number) {
        ByteSource source = new ByteSource(bytes, offset, Math.min(BYTES, bytes.length - offset));
        int codec = source.u8();
        int flags = source.u8();
        int keyId = source.u16();
        int foundNumber = source.u32();
        byte[] reserved = source.raw(12);
        Token token = new Token(source.u64(), source.u64());
        OptionalInt generation = flags == 0 ? OptionalInt.empty() : OptionalInt.of(keyId);
        BlockHeader header =
                new BlockHeader(codec, generation, foundNumber, token, source.u32(), source.u32(), source.u32());
        if (source.u32() != Checksum.crc(object.bytes(), bytes, offset, CRC_AT)) {
            throw Damage.of("INV-9", "The header of block " + number, "its checksum does not match");
        }
        if (flags > ENCRYPTED || (flags == 0 && keyId != 0) || !Arrays.equals(reserved, new byte[12])) {
            throw Damage.of("INV-9", "Block " + number, "it is stored in a way which this program does not know");
        }
        if (foundNumber != number || header.storedLength < 0 || header.rawLength < 0) {
            throw Damage.of("INV-8", "Block " + number, "another block is in its place");
        }
        return header;
    }

    /** Checks, decrypts and decompresses the payload that follows a header. */
    public byte[] unpack(byte[] bytes, int payloadOffset, BlockCipher cipher) {
        if (payloadOffset + storedLength > bytes.length
                || Checksum.crc(bytes, payloadOffset, storedLength) != payloadCrc) {
            throw Damage.of("INV-9", "Block " + number, "its checksum does not match");
        }
        return cipher.decrypt(this, bytes, payloadOffset)
                .map(packed -> Compression.unpack(codec, packed, 0, packed.length, rawLength))
                .orElseGet(() -> Compression.unpack(codec, bytes, payloadOffset, storedLength, rawLength));
    }
}
