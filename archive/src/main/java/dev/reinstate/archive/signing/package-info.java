/**
 * Who wrote a receipt, and that nobody changed it since: an archive's own Ed25519 key signs each receipt together with
 * the archive's id, the receipt's name and the end of the chain at that time. Whoever has the public key can verify it,
 * without the archive and without its other keys.
 *
 * <p>A receipt and its signature are one document, written at once: an interruption leaves both or neither.
 */
@NullMarked
package dev.reinstate.archive.signing;

import org.jspecify.annotations.NullMarked;
