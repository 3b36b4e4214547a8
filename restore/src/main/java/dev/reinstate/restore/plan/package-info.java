/**
 * What a restore would do, before it does it.
 *
 * <ol>
 *   <li>A {@link dev.reinstate.restore.plan.RestoreRequest} names tenant, position and what to do with live rows.
 *   <li>{@link dev.reinstate.restore.plan.ThenRows} puts the tenant's fold under the names, and its values into the
 *       forms, that today's tables and types have.
 *   <li>{@link dev.reinstate.restore.plan.TenantMerge} merges the tenant's fold with its live rows, both sorted by key,
 *       table by table: each row is missing, different, already right or surplus. A row that seems missing may live as
 *       nobody's ({@link dev.reinstate.restore.plan.KeyLookup}): then it is to be linked again.
 *   <li>{@link dev.reinstate.restore.plan.Planner} counts them into a {@link dev.reinstate.restore.plan.RestorePlan}
 *       and looks for what is in the way: columns and tables that are gone, keys that others own by now, references to
 *       rows that no longer exist, constraints that rows of then break.
 *   <li>{@link dev.reinstate.restore.plan.ReferenceChecks} finds which rows that others refer to are gone; of shared
 *       tables, {@link dev.reinstate.restore.plan.SharedSearch} finds those to bring back.
 * </ol>
 *
 * <p>Reads only, in memory that does not grow with the tenant (live rows are sorted, on disk when many); an
 * interruption leaves at most temporary files that the system's cleaning takes.
 */
@NullMarked
package dev.reinstate.restore.plan;

import org.jspecify.annotations.NullMarked;
