/**
 * Sorts records in bounded memory: an arena of bytes with primitive pointers, sorted and spilled to local files as
 * compressed runs when it is full, merged when read.
 *
 * <p>An interruption leaves nothing: run files lose their names as soon as they are open.
 */
@NullMarked
package dev.reinstate.archive.sort;

import org.jspecify.annotations.NullMarked;
