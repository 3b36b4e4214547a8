/**
 * The running capture: committed transactions, attributed to tenants, made durable, then acknowledged.
 *
 * <ol>
 *   <li>{@link dev.reinstate.capture.stream.StreamCapture} reads the stream, gathers each transaction until its commit,
 *       has it attributed and adds it to the {@link dev.reinstate.capture.stream.Segment} being filled.
 *   <li>{@link dev.reinstate.capture.stream.Publisher} makes one segment durable while the next is filled. Only then
 *       the owner index moves on, and only then the slot is told that the server may forget.
 *   <li>{@link dev.reinstate.capture.stream.ArchivedRows} hands earlier values to a transaction that leans on them.
 * </ol>
 *
 * <p>An interruption at any moment loses nothing: the archive's last manifest says where to go on, and what was read
 * after it is sent again.
 */
@NullMarked
package dev.reinstate.capture.stream;

import org.jspecify.annotations.NullMarked;
