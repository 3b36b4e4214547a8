/**
 * Keys and bytes, and the few conditions an archive stands on. Knows no domain.
 *
 * <ol>
 *   <li>{@link dev.reinstate.objectstore.ObjectStore} is the seam. Every method says what it promises and what not.
 *   <li>{@link dev.reinstate.objectstore.FileObjectStore} keeps objects as files of a directory, {@link
 *       dev.reinstate.objectstore.MemoryObjectStore} in memory. A provider is done when it passes the contract suite in
 *       this module's test-jar.
 *   <li>{@link dev.reinstate.objectstore.ObjectStoreException} says what failed, why, what to do next.
 * </ol>
 *
 * <p>An interruption leaves at most an unfinished temporary file, never visible as an object; the next process that
 * writes to the store removes it.
 */
@NullMarked
package dev.reinstate.objectstore;

import org.jspecify.annotations.NullMarked;
