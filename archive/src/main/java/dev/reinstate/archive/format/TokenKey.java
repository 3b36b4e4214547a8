package dev.reinstate.archive.format;

import dev.reinstate.model.Partition;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens: HMAC-SHA256 of the partition under the archive's random token key, cut to 16 bytes. Thread-safe. */
public final class TokenKey {
    public static final int BYTES = 32;
    private static final int CHECK_KIND = 255;

    private final SecretKeySpec key;
    private final Token storeEvents;

    public TokenKey(byte[] key) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.storeEvents = tokenOf(PartitionLabel.kind(Partition.STORE_EVENTS), "");
    }

    /** Of store events, which every segment is asked for, it costs nothing. */
    public Token tokenOf(Partition partition) {
        return partition instanceof Partition.StoreEvents
                ? storeEvents
                : tokenOf(PartitionLabel.kind(partition), PartitionLabel.id(partition));
    }

    /** What an archive remembers to notice a foreign keyring (INV-14). */
    public Token check() {
        return tokenOf(CHECK_KIND, "");
    }

    private Token tokenOf(int kind, String id) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update((byte) kind);
            ByteSource digest = new ByteSource(mac.doFinal(id.getBytes(StandardCharsets.UTF_8)));
            return new Token(digest.u64(), digest.u64());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is part of every Java platform", e);
        }
    }
}
