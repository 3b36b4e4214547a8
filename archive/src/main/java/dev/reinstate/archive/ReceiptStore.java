package dev.reinstate.archive;

import dev.reinstate.archive.signing.SignedReceipt;
import dev.reinstate.archive.signing.VerificationKey;
import java.util.List;
import java.util.Optional;

/** The narrow door through which restore leaves its receipts in the archive. Receipts are never changed. */
public interface ReceiptStore {
    /**
     * Stores a document durably, in an encrypted archive together with its signature; {@code CONFLICT} if one of that
     * name exists. Names are {@code [a-z0-9.-]+}.
     */
    void put(String name, byte[] json);

    /** The document as it was put; {@code DAMAGED} if it is signed and its signature does not hold. */
    Optional<byte[]> get(String name);

    /**
     * The document with its signature, verified; empty if there is none of that name, or if it was stored without one:
     * in an archive that is not encrypted, or by a version that did not sign.
     */
    Optional<SignedReceipt> signed(String name);

    /** What the archive's receipts are verified with; empty if it is not encrypted: it has no secret to sign with. */
    Optional<VerificationKey> verificationKey();

    /** Where the end of the chain, as it was when a receipt was signed, is now. */
    ChainPlace placeOf(SignedReceipt.Statement statement);

    /** Names in ascending order. */
    List<String> list();

    /** What became of a manifest that a receipt names. */
    enum ChainPlace {
        /** It is in the chain, the same to the byte. */
        IN_CHAIN,
        /** The chain does not reach it: a copy that is not complete, or an archive that was set back. */
        NOT_REACHED,
        /** The archive does not keep manifests that old any more. */
        NO_LONGER_KEPT,
        /** The chain has another manifest of that number: it was set back and went on in another way. */
        DIFFERENT
    }
}
