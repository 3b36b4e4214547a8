/**
 * What happened to one tenant, read from its changes in the archive.
 *
 * <ol>
 *   <li>{@link dev.reinstate.restore.history.TransactionSummaries} turns the changes of a tenant into counts per
 *       transaction, whatever the size of the transaction.
 *   <li>{@link dev.reinstate.restore.history.HistoryReader} adds them up over time and marks the big deletions.
 *   <li>{@link dev.reinstate.restore.history.DamageFinder} finds the burst of deletions a tenant was lost in, and with
 *       it the last moment before the damage.
 * </ol>
 *
 * <p>Reads only; an interruption leaves nothing behind. Memory does not grow with the tenant or its history.
 */
@NullMarked
package dev.reinstate.restore.history;

import org.jspecify.annotations.NullMarked;
