package dev.reinstate.archive;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;

/**
 * A row as it was: complete, no column unchanged.
 *
 * @param table the shape the tuple is of; rows of one table may be of several shapes
 */
public record FoldedRow(TableSchema table, RowKey key, Tuple tuple) {}
