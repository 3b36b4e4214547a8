/**
 * The messages of logical replication, protocol version 1, from bytes to records. Pure: no I/O, no state, so every
 * message ever seen can be a test.
 *
 * <p>A row's values go with one copy from the message into a {@link dev.reinstate.model.Tuple}. What is not a message
 * fails with the offset; nothing is guessed.
 */
@NullMarked
package dev.reinstate.postgres.pgoutput;

import org.jspecify.annotations.NullMarked;
