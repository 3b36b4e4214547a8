/**
 * Real processes, faults, and comparison with an oracle.
 *
 * <ol>
 *   <li>{@link dev.reinstate.e2e.PostgresServer} is the server: embedded, or the one at {@code -Dreinstate.e2e.url}.
 *   <li>{@link dev.reinstate.e2e.StoreUnderTest} is one database of it with a small and nasty schema.
 *   <li>{@link dev.reinstate.e2e.Load} writes to it from several connections, seeded by {@code -Dreinstate.e2e.seed}, and
 *       stops at a gate when asked.
 *   <li>{@link dev.reinstate.e2e.Oracle} writes down, with plain SQL and at the gate, which rows every tenant has.
 *   <li>{@link dev.reinstate.e2e.ReinstateProcess} runs the command line as a user does, and kills it.
 * </ol>
 *
 * An interrupted run leaves a temporary folder and, on an external server, a database and a slot named {@code e2e_*}.
 */
@NullMarked
package dev.reinstate.e2e;

import org.jspecify.annotations.NullMarked;
