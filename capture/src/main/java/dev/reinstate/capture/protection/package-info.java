/**
 * Protecting a store: decides what the archive's and the slot's state ask for, and does it in order.
 *
 * <ol>
 *   <li>{@link dev.reinstate.capture.protection.Protection} goes on for ever, {@link
 *       dev.reinstate.capture.protection.CaptureSession} is one connected stretch of it.
 *   <li>{@link dev.reinstate.capture.protection.ImageNeed} says whether history can only go on with an image.
 *   <li>{@link dev.reinstate.capture.protection.TableHealing} follows the tables where the stream is silent, and has them read
 *       anew where their rows may have changed unseen.
 *   <li>{@link dev.reinstate.capture.protection.KnownHeads} tell that the archive is not what it was, {@link
 *       dev.reinstate.capture.protection.HeadRecord} writes them down; {@link
 *       dev.reinstate.capture.protection.TimelineChange} is what a failover means for it.
 *   <li>{@link dev.reinstate.capture.protection.Unprotect} takes it all away again.
 * </ol>
 */
@NullMarked
package dev.reinstate.capture.protection;

import org.jspecify.annotations.NullMarked;
