/**
 * The SaaS itself, as its makers would have written it: a schema, seeded sites, simulated users and a careless script.
 * Nothing here knows of Reinstate.
 *
 * <ol>
 *   <li>{@link dev.reinstate.demo.saas.Ownership} says in the makers' own words which rows are whose; Reinstate must find
 *       that out by itself.
 *   <li>{@link dev.reinstate.demo.saas.Traffic} writes to sites until told to stop; each transaction passes the
 *       {@link dev.reinstate.demo.saas.Gate} and, once committed, is entered in the
 *       {@link dev.reinstate.demo.saas.Ledger}.
 *   <li>{@link dev.reinstate.demo.saas.LegacyAppRemoval} is the disaster.
 * </ol>
 *
 * An interruption leaves a database with committed transactions only; nothing here continues one.
 */
@NullMarked
package dev.reinstate.demo.saas;

import org.jspecify.annotations.NullMarked;
