/**
 * The proof of a restore.
 *
 * <ol>
 *   <li>{@link dev.reinstate.restore.receipt.Receipt} says what was restored, to which moment and why that one, and what
 *       was read back. {@link dev.reinstate.restore.receipt.Receipts} leaves it in the archive.
 *   <li>Once capture has passed the restore's own transactions, the archive's record of them shows whose rows they
 *       touched: the {@link dev.reinstate.restore.receipt.Isolation} verdict, a second document beside the first.
 *   <li>Both are signed by the archive's own key, and can be handed on as a {@link
 *       dev.reinstate.restore.receipt.ReceiptFile}, which whoever has the public key can verify.
 * </ol>
 *
 * <p>The documents are described in {@code docs/concepts/receipt.md}. What an interruption leaves behind: a receipt
 * without a verdict, to be completed later; or, between a commit and its receipt, a tenant that is back without one:
 * the same restore run again finds everything right and writes it.
 */
@NullMarked
package dev.reinstate.restore.receipt;

import org.jspecify.annotations.NullMarked;
