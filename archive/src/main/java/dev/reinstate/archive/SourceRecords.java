package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.sort.RecordStream;
import dev.reinstate.model.TableSchema;

/** Records in order, of many sources that are being merged. Not thread-safe. */
interface SourceRecords extends RecordStream {
    /** Moves to the next record, whose tuple may not be there before {@link #loadTuple}; false at the end. */
    @Override
    boolean next();

    /** Makes sure that the record has its tuple. */
    void loadTuple();

    TableSchema schema();

    /** The commits of the record's block; {@code record().commit} is an index into it. */
    CommitTable commits();
}
