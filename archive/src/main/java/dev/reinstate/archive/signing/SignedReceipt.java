package dev.reinstate.archive.signing;

import dev.reinstate.model.ReinstateException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A receipt's document with its signature, as a DSSE envelope: what is signed is kept as the bytes that were signed, and
 * is never written anew. Immutable.
 */
public final class SignedReceipt {
    /** DSSE's payload type. */
    public static final String TYPE = "application/vnd.reinstate.receipt+json";

    private static final String FORMAT = "reinstate-receipt-statement";
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final byte[] payload;
    private final String keyId;
    private final byte[] signature;
    private final Statement statement;

    /**
     * What is signed.
     *
     * @param archive id of the archive it is a receipt of
     * @param name the document's
     * @param manifest number of the archive's newest manifest when it was signed
     * @param manifestSha256 of all bytes of that manifest, 64 hexadecimal digits
     * @param content the document, to the byte
     */
    public record Statement(String archive, String name, long manifest, String manifestSha256, String content) {}

    private SignedReceipt(byte[] payload, String keyId, byte[] signature, Statement statement) {
        this.payload = payload;
        this.keyId = keyId;
        this.signature = signature;
        this.statement = statement;
    }

    /** Signs a document of the key's archive. */
    public static SignedReceipt sign(
            SigningKey key, String name, long manifest, String manifestSha256, byte[] content) {
        Statement statement = new Statement(
                key.archive(), name, manifest, manifestSha256, new String(content, StandardCharsets.UTF_8));
        byte[] payload = MAPPER.writeValueAsBytes(MAPPER.createObjectNode()
                .put("format", FORMAT)
                .put("version", 1)
                .put("archive", statement.archive)
                .put("name", statement.name)
                .put("manifest", statement.manifest)
                .put("manifestSha256", statement.manifestSha256)
                .put("content", statement.content));
        return new SignedReceipt(payload, key.verification().id(), key.sign(signed(payload)), statement);
    }

    /** DSSE's pre-authentication encoding. */
    private static byte[] signed(byte[] payload) {
        byte[] head = ("DSSEv1 " + TYPE.length() + " " + TYPE + " " + payload.length + " ")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(head, head.length + payload.length);
        System.arraycopy(payload, 0, whole, head.length, payload.length);
        return whole;
    }

    /**
     * Reads an envelope, whose signature is not verified yet; {@code DAMAGED} unless it is written exactly as {@link
     * #envelope} writes it.
     *
     * @param what it is, for errors
     */
    public static SignedReceipt parse(byte[] envelope, String what) {
        try {
            JsonNode node = MAPPER.readTree(envelope);
            JsonNode signature = node.required("signatures").required(0);
            byte[] payload = bytes(node.required("payload"));
            SignedReceipt read = new SignedReceipt(
                    payload,
                    signature.required("keyid").stringValue(),
                    bytes(signature.required("sig")),
                    statement(payload));
            if (!Arrays.equals(read.envelope(), envelope)) {
                throw changed(what, "it is not written as a signed receipt is");
            }
            return read;
        } catch (JacksonException | IllegalArgumentException e) {
            throw changed(what, "it is not a signed receipt, or not any more");
        }
    }

    private static Statement statement(byte[] payload) {
        JsonNode node = MAPPER.readTree(payload);
        if (!node.required("format").stringValue().equals(FORMAT)) {
            throw new IllegalArgumentException("another format");
        }
        long version = node.required("version").longValue();
        if (version != 1) {
            throw ReinstateException.refused(
                    "The signed receipt cannot be read",
                    "it has version " + version + ", which this program does not know",
                    "use the newer version of Reinstate that wrote it");
        }
        return new Statement(
                node.required("archive").stringValue(),
                node.required("name").stringValue(),
                node.required("manifest").longValue(),
                node.required("manifestSha256").stringValue(),
                node.required("content").stringValue());
    }

    private static byte[] bytes(JsonNode base64) {
        return Base64.getDecoder().decode(base64.stringValue());
    }

    private static ReinstateException changed(String what, String why) {
        return ReinstateException.damaged(
                what + " does not hold",
                why,
                "do not rely on it; take the receipt from the archive, or from a copy of it, with `reinstate receipt export`");
    }

    /** The envelope: one line of JSON, without a line break. */
    public byte[] envelope() {
        Base64.Encoder base64 = Base64.getEncoder();
        ObjectNode node =
                MAPPER.createObjectNode().put("payloadType", TYPE).put("payload", base64.encodeToString(payload));
        node.putArray("signatures").addObject().put("keyid", keyId).put("sig", base64.encodeToString(signature));
        return MAPPER.writeValueAsBytes(node);
    }

    /** What was signed. Worth nothing before {@link #requireSignedBy}. */
    public Statement statement() {
        return statement;
    }

    /** Id of the key it says it is signed with. */
    public String keyId() {
        return keyId;
    }

    /**
     * {@code REFUSED} if it was signed with another key, {@code DAMAGED} if it was changed since.
     *
     * @param what it is, for errors
     */
    public void requireSignedBy(VerificationKey key, String what) {
        if (!keyId.equals(key.id())) {
            throw ReinstateException.refused(
                    what + " is not signed by this archive's key",
                    "it says that it is signed with " + keyId + ", and the key to verify it with is " + key.id(),
                    "find out which archive it is of, and verify it with that one's public key");
        }
        if (!key.verifies(signed(payload), signature)) {
            throw changed(what, "its signature does not fit what it says: it was changed after it was signed");
        }
    }
}
