/**
 * Rows on local disk that have to wait for their turn. Files are deleted as soon as they are open, so that an
 * interruption leaves nothing behind.
 */
@NullMarked
package dev.reinstate.restore.spool;

import org.jspecify.annotations.NullMarked;
