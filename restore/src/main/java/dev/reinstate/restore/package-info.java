/**
 * Bringing a tenant back.
 *
 * <ol>
 *   <li>{@code history} finds the moment: what happened to the tenant, and the last moment before the damage.
 *   <li>{@code plan} merges the tenant of then, folded from the archive, with the tenant of now.
 *   <li>{@code apply} carries an approved plan out, one transaction a tenant, and reads it back before it commits.
 *   <li>{@link dev.reinstate.restore.RestoreRun} does so for several tenants at once.
 *   <li>{@code receipt} leaves the proof in the archive. {@code export} writes files instead of a database.
 * </ol>
 *
 * <p>Knows nothing of capture: everything comes out of the archive. What an interruption leaves behind: every tenant
 * either fully back or untouched; running the same restore again finishes.
 */
@NullMarked
package dev.reinstate.restore;

import org.jspecify.annotations.NullMarked;
