/**
 * What a store must allow, and which tenant its rows belong to.
 *
 * <ol>
 *   <li>{@link dev.reinstate.postgres.discovery.Preflight} looks at all needs at once and prints the SQL for what is
 *       missing.
 *   <li>{@link dev.reinstate.postgres.discovery.TenantTableCandidates} and {@link
 *       dev.reinstate.postgres.discovery.SchemaPatterns} find what a tenant could be, where nobody says so.
 *   <li>{@link dev.reinstate.postgres.discovery.TenancyDiscovery} proposes every table's rule from the catalogue; {@link
 *       dev.reinstate.postgres.discovery.DataChecks} does so with bounded samples of the data besides, and takes back or
 *       asks about what they contradict. What is certain is proposed, what is open is {@code Unmapped} with a reason.
 *   <li>{@link dev.reinstate.postgres.discovery.CoverageReport} sums up: tables, how they hang together, share of rows.
 *   <li>{@link dev.reinstate.postgres.discovery.TenancySql} turns a rule into SQL that selects one tenant's live rows.
 * </ol>
 *
 * <p>Everything here only reads; an interruption leaves nothing behind.
 */
@NullMarked
package dev.reinstate.postgres.discovery;

import org.jspecify.annotations.NullMarked;
