package dev.reinstate.restore.receipt;

import dev.reinstate.archive.signing.SignedReceipt;
import java.util.Optional;

/**
 * A receipt whose signature holds.
 *
 * @param isolation as it was signed; empty if there was no verdict yet, or none that is signed
 * @param signed where and when it was signed: its archive, and the end of that one's chain then
 * @param key id of the key that it is signed with
 */
public record VerifiedReceipt(
        Receipt receipt, Optional<Isolation> isolation, SignedReceipt.Statement signed, String key) {}
