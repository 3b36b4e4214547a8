/**
 * Rows out of and into tables by COPY, as tuples, in memory bounded by one row.
 *
 * <p>What an interruption leaves behind: a COPY out nothing; a COPY in that was not finished writes nothing and fails the
 * transaction it was part of.
 */
@NullMarked
package dev.reinstate.postgres.copy;

import org.jspecify.annotations.NullMarked;
