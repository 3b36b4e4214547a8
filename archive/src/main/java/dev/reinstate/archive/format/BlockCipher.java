package dev.reinstate.archive.format;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Encrypts or decrypts the blocks of one partition in one object; without keys, leaves them as they are. Not thread-safe. */
public final class BlockCipher {
    private final Optional<ObjectKeys> keys;
    private final ObjectId object;
    private final Token token;
    private OptionalInt generation = OptionalInt.empty();
    private @Nullable ContentKey content;

    private BlockCipher(Optional<ObjectKeys> keys, ObjectId object, Token token) {
        this.keys = keys;
        this.object = object;
        this.token = token;
    }

    /** @param keys empty if the archive is not encrypted */
    public static BlockCipher forReading(Optional<ObjectKeys> keys, ObjectId object, Token token) {
        return new BlockCipher(keys, object, token);
    }

    static BlockCipher forWriting(Optional<ObjectKeys> keys, ObjectId object, Token token) {
        BlockCipher cipher = new BlockCipher(keys, object, token);
        keys.map(known -> known.forWriting(token)).ifPresent(key -> cipher.use(key.key(), key.generation()));
        return cipher;
    }

    private ContentKey use(EncryptionKey key, int ofGeneration) {
        ContentKey derived = new ContentKey(key.derive(object.bytes(), "reinstate/blocks/" + token));
        generation = OptionalInt.of(ofGeneration);
        content = derived;
        return derived;
    }

    /** Of the key that blocks are encrypted under; empty if they are not. */
    OptionalInt generation() {
        return generation;
    }

    /** How much longer a payload gets. */
    int addedBytes() {
        return content == null ? 0 : ContentKey.TAG_BYTES;
    }

    /** What is stored of a block with that header, whose CRC does not count. */
    Compression.Packed encrypt(BlockHeader header, Compression.Packed packed) {
        if (content == null) {
            return packed;
        }
        byte[] stored = content.encrypt(header.number(), header.associated(object), packed.bytes(), 0, packed.length());
        return new Compression.Packed(packed.codec(), stored, stored.length, packed.rawLength());
    }

    /** Whether the block is under a key that was destroyed on purpose. */
    public boolean isErased(BlockHeader header) {
        return keys.isPresent()
                && header.generation().isPresent()
                && keys.get().isErased(token, header.generation().orElseThrow());
    }

    /** Empty if the block is not encrypted and need not be. */
    Optional<byte[]> decrypt(BlockHeader header, byte[] bytes, int offset) {
        String what = "Block " + header.number();
        if (keys.isPresent() != header.generation().isPresent()) {
            throw Damage.of("INV-20", what, "only one of it and its archive is encrypted");
        }
        return keys.map(known -> contentKey(known, header.generation().orElseThrow())
                .decrypt(what, header.number(), header.associated(object), bytes, offset, header.storedLength()));
    }

    private ContentKey contentKey(ObjectKeys known, int wanted) {
        ContentKey current = content;
        return current != null && generation.orElseThrow() == wanted
                ? current
                : use(known.forReading(token, wanted), wanted);
    }
}
