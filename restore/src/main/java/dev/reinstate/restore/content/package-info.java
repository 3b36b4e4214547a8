/**
 * What a set of rows is, as one number: see {@link dev.reinstate.restore.content.ContentSum}. No I/O; nothing to
 * interrupt.
 */
@NullMarked
package dev.reinstate.restore.content;

import org.jspecify.annotations.NullMarked;
