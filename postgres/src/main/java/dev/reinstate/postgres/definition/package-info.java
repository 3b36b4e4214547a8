/**
 * Tables as the SQL that makes them again in an empty database: read from the catalogue, for those tables and whatever
 * they depend on. Only reads.
 */
@NullMarked
package dev.reinstate.postgres.definition;

import org.jspecify.annotations.NullMarked;
