package dev.reinstate.archive.signing;

import dev.reinstate.archive.format.EncryptionKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an archive signs its receipts with: an Ed25519 key (RFC 8032) whose 32 secret bytes are derived from the archive's
 * metadata key, so that it is kept nowhere, is the same in every copy, and outlives changes of the master key. Never
 * printed. Thread-safe.
 */
public final class SigningKey {
    static final String ALGORITHM = "Ed25519";

    private final EncryptionKey metadataKey;
    private final String archive;
    private @Nullable KeyPair pair;

    private SigningKey(EncryptionKey metadataKey, String archive) {
        this.metadataKey = metadataKey;
        this.archive = archive;
    }

    /**
     * The key is made when it is first needed: few of those who open an archive read or write a receipt.
     *
     * @param archive the keyring's id of the archive
     */
    public static SigningKey of(EncryptionKey metadataKey, String archive) {
        return new SigningKey(metadataKey, archive);
    }

    private synchronized KeyPair pair() {
        KeyPair made = pair == null ? make(metadataKey, archive) : pair;
        pair = made;
        return made;
    }

    private static KeyPair make(EncryptionKey metadataKey, String archive) {
        byte[] secret = metadataKey.derive(new byte[0], "reinstate/signing-key/" + archive);
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(NamedParameterSpec.ED25519, new Given(secret));
            KeyPair pair = generator.generateKeyPair();
            byte[] made = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            if (!Arrays.equals(made, secret)) {
                throw new IllegalStateException(
                        "this Java platform makes Ed25519 keys of other bytes than it is given");
            }
            return pair;
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    /** Id of the archive whose key it is. */
    public String archive() {
        return archive;
    }

    public VerificationKey verification() {
        return VerificationKey.of(pair().getPublic());
    }

    byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(pair().getPrivate());
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw unavailable(e);
        }
    }

    static IllegalStateException unavailable(GeneralSecurityException e) {
        return new IllegalStateException("Ed25519 is part of every Java platform", e);
    }

    /** The bytes that a key is to be made of, where random ones would be drawn. */
    @SuppressWarnings("serial") // never serialised
    private static final class Given extends SecureRandom {
        private final byte[] secret;

        private Given(byte[] secret) {
            this.secret = secret;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != secret.length) {
                throw new IllegalStateException(bytes.length + " bytes are asked for to make an Ed25519 key");
            }
            System.arraycopy(secret, 0, bytes, 0, bytes.length);
        }
    }
}
