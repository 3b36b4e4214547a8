package dev.reinstate.model;

/**
 * One change of one row, attributed. Changes of one partition are ordered by (commit LSN, ordinal).
 *
 * @param partition whose row
 * @param table the shape the tuple is of
 * @param operation what happened
 * @param key the row's key ({@link RowKey#EMPTY} for TRUNCATE)
 * @param tuple the new values; {@link Tuple#EMPTY} where {@code operation} leaves no row
 * @param commit the transaction
 * @param ordinal the change's number in its transaction, from 0; a change that leaves one partition and enters another
 *     has one ordinal in both
 */
public record Change(
        Partition partition,
        TableSchema table,
        Operation operation,
        RowKey key,
        Tuple tuple,
        Commit commit,
        long ordinal) {}
