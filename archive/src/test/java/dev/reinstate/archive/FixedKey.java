package dev.reinstate.archive;

import dev.reinstate.archive.format.EncryptionKey;
import java.util.Arrays;

/** A master key that is the same in every run, and wraps with the same salt, so that what is written can be compared. */
final class FixedKey implements MasterKey {
    static final FixedKey FIRST = new FixedKey(1);
    static final FixedKey SECOND = new FixedKey(2);

    private final int number;
    private final EncryptionKey key;

    private FixedKey(int number) {
        byte[] bytes = new byte[EncryptionKey.BYTES];
        Arrays.fill(bytes, (byte) number);
        this.number = number;
        this.key = new EncryptionKey(bytes);
    }

    @Override
    public String id() {
        return "fixed:" + number;
    }

    @Override
    public byte[] wrap(byte[] plain, String context) {
        return key.seal(plain, context, new byte[EncryptionKey.SALT_BYTES]);
    }

    @Override
    public byte[] unwrap(byte[] wrapped, String context) {
        return key.open(wrapped, context, "The wrapped key");
    }
}
