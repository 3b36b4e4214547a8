/**
 * Whose row is it? The stream often names only a row's key (deletes), or only its new tenant (moves), or no tenant at
 * all (rows that belong by foreign keys). The answer is kept here, one record a row:
 *
 * <ol>
 *   <li>{@link dev.reinstate.capture.owner.Ownership} compiles the tenancy map for a table's shape: what a row, or its
 *       key alone, says about its owner. Where the key names it, nothing is stored.
 *   <li>{@link dev.reinstate.capture.owner.OwnerRecord} is what is stored: the tenant, or what the row names its parent
 *       by: a row key, other unique values, or a type and a key. Unique values by which rows are named have records too,
 *       which lead to the row's key.
 *   <li>{@link dev.reinstate.capture.owner.OwnerIndex} holds the records of everything durable in the archive, on
 *       disk; {@link dev.reinstate.capture.owner.OwnerLayer}s over it hold what is not yet durable, in memory.
 *   <li>{@link dev.reinstate.capture.owner.OwnerResolver} walks records to the tenant.
 *   <li>{@link dev.reinstate.capture.owner.IndexRecovery} makes the index agree with the archive; {@link
 *       dev.reinstate.capture.owner.LostParents} are what only an index that was there all the time would know.
 * </ol>
 *
 * <p>The index is a cache. It carries the archive position it reflects, written with the records; an interruption
 * leaves it at an older position and it is caught up, or rebuilt, from the archive. Records of parents outlive their
 * rows, as dead ones with the tenant they had last, so that a child that is deleted after its parent, or never, still
 * finds its tenant. Only rows that named the parent while it was there do: a row that comes to name it when it is gone
 * refers to nothing, as it would with an index that knows nothing of the parent, unless the parent is back at the commit.
 * When a parent comes back later, rows that it left behind go with it; those that referred to nothing do not. A row that
 * comes to name what is gone, and had a tenant, keeps that until then; the record of what is gone tells of it. Unique
 * values that a row gives up are as a row that is gone.
 */
@NullMarked
package dev.reinstate.capture.owner;

import org.jspecify.annotations.NullMarked;
