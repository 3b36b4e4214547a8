/**
 * The optional event triggers, which write into the log what a DDL command makes of a table, in its own transaction: so
 * that renames are exact, rewrites known at once, and a table that loses its identity is published for inserts only before
 * anybody's next UPDATE.
 *
 * <p>They never make a user's command fail: what fails in them becomes a warning, and capture then learns of the change as
 * it does without them, by looking at the catalogue. An interruption while they are installed or removed leaves them as
 * they were, since both are one transaction.
 */
@NullMarked
package dev.reinstate.postgres.ddl;

import org.jspecify.annotations.NullMarked;
