/**
 * Carrying out a plan: one transaction a tenant.
 *
 * <ol>
 *   <li>{@link dev.reinstate.restore.apply.TenantRestore} opens the transaction, takes the tenant's advisory lock and
 *       merges then and now once more.
 *   <li>Where nothing that lives is to be changed, {@link dev.reinstate.restore.apply.DirectWriter} copies missing rows
 *       straight into the tables while they are merged; else {@link dev.reinstate.restore.apply.SpoolingWriter} keeps
 *       them on local disk until the plan is known to be the approved one and replaced rows are saved.
 *   <li>{@link dev.reinstate.restore.apply.ReferenceGuard} checks references in and out where the server does not.
 *   <li>{@link dev.reinstate.restore.apply.Verification} reads the tenant back and compares content hashes. Then the
 *       transaction commits, or it never happened.
 * </ol>
 *
 * <p>What an interruption leaves behind: the tenant untouched or fully back, never between. Sequences may have moved
 * forward, which harms nobody. Files of saved rows stay.
 */
@NullMarked
package dev.reinstate.restore.apply;

import org.jspecify.annotations.NullMarked;
