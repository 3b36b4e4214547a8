package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.EncryptionKey;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes and reads what of documents is secret: in an encrypted archive as one box, whose context is the document's kind
 * and place; otherwise as it is. Thread-safe.
 */
public final class DocumentCipher {
    private static final String FIELD = "encrypted";
    private static final String RECEIPT = "reinstate-receipt";
    /** The version of receipts that are signed. */
    private static final int SIGNED = 2;

    private static final DocumentCipher NONE = new DocumentCipher(Optional.empty());

    private final Optional<Box> box;

    private DocumentCipher(Optional<Box> box) {
        this.box = box;
    }

    private record Box(EncryptionKey metadataKey, String archive, RandomGenerator random) {
        String context(String kind, Object... place) {
            StringBuilder context = new StringBuilder("reinstate/" + kind + "/" + archive);
            for (Object part : place) {
                context.append('/').append(part);
            }
            return context.toString();
        }

        byte[] seal(byte[] plain, String context) {
            byte[] salt = new byte[EncryptionKey.SALT_BYTES];
            random.nextBytes(salt);
            return metadataKey.seal(plain, context, salt);
        }
    }

    /** Of an archive that is not encrypted. */
    public static DocumentCipher none() {
        return NONE;
    }

    /**
     * @param archive the keyring's id of the archive
     * @param random for salts: unpredictable outside of tests
     */
    public static DocumentCipher of(EncryptionKey metadataKey, String archive, RandomGenerator random) {
        return new DocumentCipher(Optional.of(new Box(metadataKey, archive, random)));
    }

    /** Adds the secret fields to a document's open ones. */
    ObjectNode add(ObjectNode document, ObjectNode secret, String kind, Object... place) {
        box.ifPresentOrElse(
                known -> document.put(FIELD, sealed(known, Json.bytes(secret), kind, place)),
                () -> document.setAll(secret));
        return document;
    }

    /** What was added. */
    JsonNode secretOf(JsonNode document, String key, String kind, Object... place) {
        return box.map(known -> Json.parse(opened(known, document, key, kind, place)))
                .orElse(document);
    }

    private static String sealed(Box known, byte[] plain, String kind, Object... place) {
        return Base64.getEncoder().encodeToString(known.seal(plain, known.context(kind, place)));
    }

    private static byte[] opened(Box known, JsonNode document, String key, String kind, Object... place) {
        byte[] sealed = Base64.getDecoder().decode(Json.text(document, FIELD));
        return known.metadataKey.open(sealed, known.context(kind, place), "Object " + key);
    }

    /** What a stored receipt is: its document, or the envelope of that and its signature. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record StoredReceipt(boolean signed, byte[] content) {}

    /** A receipt as it is stored, before it is sealed. One that is not encrypted is never signed. */
    public byte[] receipt(StoredReceipt receipt, String name) {
        return box.map(known -> Json.bytes(Json.object()
                        .put("format", RECEIPT)
                        .put("version", receipt.signed ? SIGNED : 1)
                        .put(FIELD, sealed(known, receipt.content, kind(receipt.signed), name))))
                .orElse(receipt.content);
    }

    /** The receipt that is stored so; {@code DAMAGED} if it is another. */
    public StoredReceipt receiptOf(byte[] stored, String key, String name) {
        return box.map(known -> Json.read(key, stored, RECEIPT, SIGNED, document -> {
                    boolean signed = Json.number(document, "version") == SIGNED;
                    return new StoredReceipt(signed, opened(known, document, key, kind(signed), name));
                }))
                .orElseGet(() -> new StoredReceipt(false, stored));
    }

    private static String kind(boolean signed) {
        return signed ? "signed-receipt" : "receipt";
    }
}
