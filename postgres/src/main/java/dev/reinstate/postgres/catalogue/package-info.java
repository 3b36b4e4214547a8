/**
 * What tables a database has, read in one snapshot with six queries. Only reads; an interruption leaves nothing.
 *
 * <p>{@link dev.reinstate.postgres.catalogue.Table} also says by which columns a row is known, which depends on what the
 * server writes of old rows to its log.
 */
@NullMarked
package dev.reinstate.postgres.catalogue;

import org.jspecify.annotations.NullMarked;
