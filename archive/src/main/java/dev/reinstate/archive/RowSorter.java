package dev.reinstate.archive;

/**
 * Sorts rows by (table oid, row key) in bounded memory, spilling to local disk; the order of {@link ArchiveReader#fold},
 * so that rows read from a database can be merged with rows folded from the archive.
 */
public interface RowSorter extends AutoCloseable {
    void add(FoldedRow row);

    /** The rows in order; nothing may be added afterwards. Closing the sorter closes it. */
    ArchiveReader.RowStream sorted();

    @Override
    void close();
}
