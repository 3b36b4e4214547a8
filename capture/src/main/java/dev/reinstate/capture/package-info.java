/**
 * Capture: committed transactions, attributed to tenants, made durable, then acknowledged.
 *
 * <ol>
 *   <li>{@link dev.reinstate.capture.CaptureSettings} and {@link dev.reinstate.capture.CaptureListener}: what it is
 *       told and what it tells.
 *   <li>{@code protection} is the door: an image where one is needed, then the stream.
 *   <li>{@code source} looks at the database, {@code image} reads all of it once, {@code transaction} gathers what the
 *       stream says, {@code owner} knows whose row is whose, {@code attribution} turns transactions into changes of
 *       tenants, {@code stream} makes them durable.
 * </ol>
 *
 * <p>The archive's last durable manifest is the capture position; there is no other. An interruption at any moment leaves
 * the slot at or before it, an owner index that is caught up or rebuilt, spill files that the next start removes, and in
 * the middle of a first image a slot without one, which the next start replaces.
 */
@NullMarked
package dev.reinstate.capture;

import org.jspecify.annotations.NullMarked;
