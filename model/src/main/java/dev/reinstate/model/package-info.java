/**
 * The words of Reinstate as small immutable types. No I/O, no clock, nothing but the JDK.
 *
 * <p>Read in this order: {@link dev.reinstate.model.TenantId} (whose data), {@link dev.reinstate.model.Lsn} and {@link
 * dev.reinstate.model.Commit} (when), {@link dev.reinstate.model.TableSchema}, {@link dev.reinstate.model.RowKey} and
 * {@link dev.reinstate.model.Tuple} (what), {@link dev.reinstate.model.Change} (what happened), {@link
 * dev.reinstate.model.TenancyMap} (how a row finds its tenant), {@link dev.reinstate.model.ReinstateException} (what
 * went wrong, why, and what to do next).
 */
@NullMarked
package dev.reinstate.model;

import org.jspecify.annotations.NullMarked;
