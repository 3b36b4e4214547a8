/**
 * What a store must allow, and which tenant its rows belong to.
 *
 * <ol>
 *   <li>{@link dev.reinstate.postgres.discovery.Preflight} looks at all needs at once and prints the SQL for what is
 *       missing.
 *   <li>{@link dev.reinstate.postgres.discovery.TenancyDiscovery} proposes every table's rule from its foreign keys.
 *   <li>{@link dev.reinstate.postgres.discovery.TenancySql} turns a rule into SQL that selects one tenant's live rows.
 * </ol>
 *
 * <p>Everything here only reads; an interruption leaves nothing behind.
 */
@NullMarked
package dev.reinstate.postgres.discovery;

import org.jspecify.annotations.NullMarked;
