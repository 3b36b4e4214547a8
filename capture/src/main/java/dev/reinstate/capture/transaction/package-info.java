/**
 * Committed transactions as they came out of the stream.
 *
 * <ol>
 *   <li>{@link dev.reinstate.capture.transaction.TransactionBuffer} gathers a transaction's row changes until its
 *       commit arrives: in memory, and from a limit on in a file.
 *   <li>{@link dev.reinstate.capture.transaction.Transaction} is the result; it can be read more than once.
 * </ol>
 *
 * <p>An interruption leaves spill files in the temporary directory; the next start removes them.
 */
@NullMarked
package dev.reinstate.capture.transaction;

import org.jspecify.annotations.NullMarked;
