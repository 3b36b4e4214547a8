/**
 * Turns a committed transaction's row changes into changes of tenants.
 *
 * <p>It happens at commit, when all of the transaction is known: a child may be inserted before its parent, a parent be
 * deleted before its children.
 *
 * <ol>
 *   <li>{@link dev.reinstate.capture.attribution.OwnerPass} goes through the changes once, works out every row's owner
 *       record before and after, and gathers them as {@link dev.reinstate.capture.attribution.Step}s. After it the
 *       layer holds the owners as of the commit.
 *   <li>In most transactions no row changed its owner: each change belongs where its row's record leads, and {@link
 *       dev.reinstate.capture.attribution.Attribution} hands it on.
 *   <li>Otherwise rows may leave one tenant and enter another, along with rows below them of which the stream says
 *       nothing. {@link dev.reinstate.capture.attribution.MovingTransaction} works that out; what it needs of earlier
 *       values comes through {@link dev.reinstate.capture.attribution.PriorRows} from the archive.
 * </ol>
 *
 * <p>Holds nothing between transactions but counters; an interruption leaves scratch files that the next start
 * empties.
 */
@NullMarked
package dev.reinstate.capture.attribution;

import org.jspecify.annotations.NullMarked;
