/**
 * The change stream of a source and what it needs there.
 *
 * <ol>
 *   <li>{@link dev.reinstate.postgres.replication.Publications} say which tables' changes are sent; they come first.
 *   <li>{@link dev.reinstate.postgres.replication.ReplicationSlots} make the slot and the snapshot where image and stream
 *       meet.
 *   <li>{@link dev.reinstate.postgres.replication.ReplicationStream} reads, and confirms only what it is told is durable.
 * </ol>
 *
 * <p>What an interruption leaves behind: the slot, which keeps write-ahead log on the source until it is read on or
 * dropped, and the publications. A slot created a moment before its image failed has to be dropped by the next attempt.
 */
@NullMarked
package dev.reinstate.postgres.replication;

import org.jspecify.annotations.NullMarked;
