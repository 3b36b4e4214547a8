/**
 * The source database as capture sees it: which tables there are and how their rows are owned, the shapes the stream
 * speaks of, how much of its log is kept back for us, and who may be the one capture.
 *
 * <p>{@link dev.reinstate.capture.source.TableWatch} compares the tables with the archive's catalogue history, which is the
 * only memory of what they were; a local note of how far they were right only bounds what may be wrong.
 *
 * <p>What an interruption leaves behind: publications and the slot, which the next start takes up or replaces. The lock
 * that keeps a second capture away ends with its session.
 */
@NullMarked
package dev.reinstate.capture.source;

import org.jspecify.annotations.NullMarked;
