/**
 * The archive: the immutable, tenant-indexed record of a store. Its format is specified in {@code
 * docs/spec/archive-format.md}; the invariants named there (INV-1 …) carry the same names here.
 *
 * <ol>
 *   <li>{@link dev.reinstate.archive.Archive} is the door.
 *   <li>{@link dev.reinstate.archive.ArchiveWriter} adds images and segments. An object becomes durable first, then the
 *       manifest that names it, with put-if-absent on the next number: that is the commit, and the fence between
 *       writers.
 *   <li>{@link dev.reinstate.archive.ArchiveReader} folds: the newest image at or before a position, merged with the
 *       partition's changes since, is the exact rows of one tenant then.
 *   <li>{@link dev.reinstate.archive.ArchiveMaintenance} changes the archive beside the writer, with manifests of a kind
 *       that fence nobody: holds and erasures; and segments merged, images made of what is there, and what both replaced
 *       removed, so that a read stays as cheap as it was when the archive was young.
 *   <li>Of an encrypted archive, a {@link dev.reinstate.archive.MasterKey} opens the keyring, and that the keys of all
 *       partitions; each partition's is an object of its own, so that it can be destroyed.
 *   <li>{@link dev.reinstate.archive.Archive#check} reads everything and reports.
 * </ol>
 *
 * <p>An interruption leaves at most objects that no manifest names: harmless, listed by the check. Local spill files go
 * with the process.
 */
@NullMarked
package dev.reinstate.archive;

import org.jspecify.annotations.NullMarked;
