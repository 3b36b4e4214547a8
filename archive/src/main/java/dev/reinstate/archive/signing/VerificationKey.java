package dev.reinstate.archive.signing;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.model.ReinstateException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** The public half of an archive's signing key: tells nothing secret. Thread-safe. */
public final class VerificationKey {
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final int ID_DIGITS = 16;

    private final PublicKey key;
    private final byte[] encoded;

    private VerificationKey(PublicKey key, byte[] encoded) {
        this.key = key;
        this.encoded = encoded;
    }

    static VerificationKey of(PublicKey key) {
        return new VerificationKey(key, key.getEncoded());
    }

    /**
     * The key in a PEM file as {@link #pem} or {@code openssl pkey -pubout} writes it; {@code INVALID} if it is none, or
     * not of Ed25519.
     *
     * @param name of the file, for errors
     */
    public static VerificationKey parse(String text, String name) {
        String trimmed = text.strip();
        if (!trimmed.startsWith(BEGIN) || !trimmed.endsWith(END)) {
            throw invalid(name, "it does not begin with " + BEGIN + " and end with " + END);
        }
        String body = trimmed.substring(BEGIN.length(), trimmed.length() - END.length());
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(body);
            PublicKey key =
                    KeyFactory.getInstance(SigningKey.ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
            return new VerificationKey(key, key.getEncoded());
        } catch (InvalidKeySpecException | IllegalArgumentException e) {
            throw invalid(name, "what is in it is no Ed25519 key");
        } catch (GeneralSecurityException e) {
            throw SigningKey.unavailable(e);
        }
    }

    private static ReinstateException invalid(String name, String why) {
        return ReinstateException.invalid(
                name + " is not a public key", why, "name the file that `reinstate keys public --to FILE` wrote");
    }

    /** Names the key: {@code ed25519:} and the first 16 hexadecimal digits of the SHA-256 of its DER encoding. */
    public String id() {
        return "ed25519:" + Checksum.sha256Hex(encoded).substring(0, ID_DIGITS);
    }

    /** The key as a PEM file (X.509 SubjectPublicKeyInfo), which ends with a line break. */
    public String pem() {
        return BEGIN + "\n" + Base64.getEncoder().encodeToString(encoded) + "\n" + END + "\n";
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(SigningKey.ALGORITHM);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false; // not of the form that a signature has
        } catch (GeneralSecurityException e) {
            throw SigningKey.unavailable(e);
        }
    }
}
