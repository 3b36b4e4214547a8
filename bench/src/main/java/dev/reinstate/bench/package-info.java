/**
 * Measurements of Reinstate against what PostgreSQL and others do with the same work; read {@code bench/README.md}.
 *
 * <p>Every number is a ratio within one run, because absolute ones say more about the machine. Nothing here fails a
 * build: a missed target is printed as a miss. Interrupted, a bench leaves a temporary folder and, on an external
 * server, a database and slots that its next run removes.
 */
@NullMarked
package dev.reinstate.bench;

import org.jspecify.annotations.NullMarked;
