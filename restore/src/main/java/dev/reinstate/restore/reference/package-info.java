/**
 * Foreign keys, checked in sets: while rows are written under {@code session_replication_role = replica} the server does
 * not look, so the restore does, in the same transaction.
 *
 * <ol>
 *   <li>{@link dev.reinstate.restore.reference.DistinctValues} collects the values of referencing columns as rows go by.
 *   <li>{@link dev.reinstate.restore.reference.ReferenceQueries} asks the database which of them lead nowhere.
 * </ol>
 *
 * <p>Writes nothing; an interruption ends with the transaction it is in.
 */
@NullMarked
package dev.reinstate.restore.reference;

import org.jspecify.annotations.NullMarked;
