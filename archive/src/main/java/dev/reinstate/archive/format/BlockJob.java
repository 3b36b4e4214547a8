package dev.reinstate.archive.format;

import dev.reinstate.model.Partition;
import java.util.Arrays;

/** A block whose records are gathered, and what has to be known to store it. */
record BlockJob(BlockBuilder block, ObjectId object, int number, Token token, Partition partition, BlockCipher cipher) {
    private static final int HEADER_BYTES = 64;

    /** What is written of a block; the payload's bytes may be the compression's. */
    record Stored(ByteSink header, Compression.Packed payload) {}

    /** Compresses and encrypts; the builder is empty afterwards. */
    Stored pack(Compression compression) {
        Compression.Packed packed = block.pack(partition, compression);
        BlockHeader header = new BlockHeader(
                packed.codec(),
                cipher.generation(),
                number,
                token,
                packed.length() + cipher.addedBytes(),
                packed.rawLength(),
                0);
        Compression.Packed stored = cipher.encrypt(header, packed);
        ByteSink written = new ByteSink(HEADER_BYTES);
        header.withPayloadCrc(Checksum.crc(stored.bytes(), 0, stored.length())).write(written, object.bytes());
        return new Stored(written, stored);
    }

    /** The same, in bytes of its own. */
    Stored packToKeep(Compression compression) {
        Stored stored = pack(compression);
        Compression.Packed payload = stored.payload();
        if (cipher.addedBytes() > 0) {
            return stored; // encryption made an array of its own
        }
        byte[] own = Arrays.copyOf(payload.bytes(), payload.length());
        return new Stored(
                stored.header(), new Compression.Packed(payload.codec(), own, own.length, payload.rawLength()));
    }
}
