package dev.reinstate.restore.receipt;

import dev.reinstate.archive.signing.SignedReceipt;
import dev.reinstate.archive.signing.VerificationKey;
import dev.reinstate.model.ReinstateException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A signed receipt as it can be handed on: a line each for the receipt and for the verdict about other tenants.
 *
 * @param isolation empty if there is no verdict, or none that is signed
 */
public record ReceiptFile(SignedReceipt receipt, Optional<SignedReceipt> isolation) {
    private static final int MOST_LINES = 2;

    /**
     * Reads what {@link #bytes} wrote; {@code DAMAGED} if it is anything else.
     *
     * @param name of the file, for errors
     */
    public static ReceiptFile parse(byte[] file, String name) {
        List<SignedReceipt> lines = new ArrayList<>();
        int begin = 0;
        for (int at = 0; at < file.length; at++) {
            if (file[at] == '\n') {
                lines.add(SignedReceipt.parse(Arrays.copyOfRange(file, begin, at), "The receipt in " + name));
                begin = at + 1;
            }
        }
        if (begin != file.length || lines.isEmpty() || lines.size() > MOST_LINES) {
            throw different(name, "it has not one line or two, of a signed document each");
        }
        return new ReceiptFile(
                lines.getFirst(), lines.size() == MOST_LINES ? Optional.of(lines.getLast()) : Optional.empty());
    }

    public byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(receipt.envelope());
        bytes.write('\n');
        isolation.ifPresent(verdict -> {
            bytes.writeBytes(verdict.envelope());
            bytes.write('\n');
        });
        return bytes.toByteArray();
    }

    /**
     * What it says, if all of it was signed with that key and belongs together; {@code REFUSED} if it was signed with
     * another, {@code DAMAGED} if it was changed since.
     *
     * @param name of the file or receipt, for errors
     */
    public VerifiedReceipt verify(VerificationKey key, String name) {
        receipt.requireSignedBy(key, "The receipt " + name);
        SignedReceipt.Statement signed = receipt.statement();
        Receipt said = ReceiptJson.read(content(receipt), Receipt.class, name);
        if (!signed.name().equals(Receipts.documentOf(said.id()))) {
            throw different(name, "it is signed as " + signed.name() + ", and says that it is " + said.id());
        }
        return new VerifiedReceipt(
                said, isolation.map(verdict -> verdict(verdict, key, name, said.id())), signed, key.id());
    }

    private Isolation verdict(SignedReceipt verdict, VerificationKey key, String name, String id) {
        verdict.requireSignedBy(key, "The verdict about other tenants in " + name);
        Isolation said = ReceiptJson.read(content(verdict), Isolation.class, name);
        if (!verdict.statement().name().equals(Receipts.isolationOf(id))
                || !verdict.statement().archive().equals(receipt.statement().archive())
                || !said.receipt().equals(id)) {
            throw different(name, "its second line is not about the receipt in its first");
        }
        return said;
    }

    private static byte[] content(SignedReceipt document) {
        return document.statement().content().getBytes(StandardCharsets.UTF_8);
    }

    private static ReinstateException different(String name, String why) {
        return ReinstateException.damaged(
                "The receipt " + name + " does not hold",
                why,
                "do not rely on it; take it from the archive again with `reinstate receipt export`");
    }
}
