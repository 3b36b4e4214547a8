/**
 * The bytes of data objects, as {@code docs/spec/archive-format.md} says: pure, no input or output, no clock.
 *
 * <p>Read {@link dev.reinstate.archive.format.DataObjectWriter} first: it shows the whole layout. {@link
 * dev.reinstate.archive.format.ObjectTail} and {@link dev.reinstate.archive.format.BlockContent} are its counterpart.
 * {@link dev.reinstate.archive.format.RawRecord} is what passes through without becoming an object per row.
 */
@NullMarked
package dev.reinstate.archive.format;

import org.jspecify.annotations.NullMarked;
