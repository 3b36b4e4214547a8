/**
 * Random histories against an oracle, and one readable file a trap.
 *
 * <ol>
 *   <li>{@link dev.reinstate.e2e.proof.SchemaGenerator} makes up a schema in which rows belong to tenants in every way
 *       there is; {@link dev.reinstate.e2e.proof.Writer}s make up transactions over it. All they did is a list of {@link
 *       dev.reinstate.e2e.proof.Step}s, which can be done again. {@link dev.reinstate.e2e.proof.SchemaChanges} alter
 *       tables meanwhile in the ways that the log does not repeat; sessions run into deadlocks.
 *   <li>{@link dev.reinstate.e2e.proof.TruthReader} writes down, with plain SQL made of what the generator knows, whose
 *       every row is at some positions.
 *   <li>{@link dev.reinstate.e2e.proof.CaptureUnderTest} captures meanwhile, is stopped, killed and robbed of its index.
 *   <li>{@link dev.reinstate.e2e.proof.History} puts it together; {@link dev.reinstate.e2e.proof.FoldComparison} then
 *       folds every tenant at every position and compares: only where the archive says that a table's rows are
 *       uncertain may they differ; {@link
 *       dev.reinstate.e2e.proof.RestoreComparison} restores some into the live database.
 *   <li>What fails is made small by {@link dev.reinstate.e2e.proof.Shrinker} and left as a {@link
 *       dev.reinstate.e2e.proof.Script}.
 *   <li>{@link dev.reinstate.e2e.proof.TrapTest} plays the files of {@code traps}: SQL in, per-tenant history out.
 * </ol>
 *
 * An interrupted run leaves a temporary folder.
 */
@NullMarked
package dev.reinstate.e2e.proof;

import org.jspecify.annotations.NullMarked;
