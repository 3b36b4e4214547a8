/**
 * A tenant's rows as files, straight from the archive: no database is needed.
 *
 * <ol>
 *   <li>{@link dev.reinstate.restore.export.Export} folds the tenant and writes one of three formats.
 *   <li>{@link dev.reinstate.restore.export.NewDirectory} gathers the files under a temporary name and renames the whole
 *       directory at the end.
 * </ol>
 *
 * <p>What an interruption leaves behind: a directory whose name begins with {@code .} and ends with {@code .partial},
 * next to the one asked for. It can be deleted.
 */
@NullMarked
package dev.reinstate.restore.export;

import org.jspecify.annotations.NullMarked;
