/**
 * The image: all rows of all captured tables as of the position from which the stream goes on.
 *
 * <p>A table image is the same for single tables, where the stream did not show what happened to their rows.
 *
 * <p>The slot is made first and exports its snapshot; the rows are read in it, so that image and stream meet without gap
 * or overlap. They are received and decoded on a thread of their own, some megabytes ahead of who attributes them; sorting
 * and packing have threads in the archive's image writer. An interruption leaves a slot without an image: the next start
 * sees that the archive has none for it, drops the slot and begins again.
 */
@NullMarked
package dev.reinstate.capture.image;

import org.jspecify.annotations.NullMarked;
