package dev.reinstate.capture.owner;

/** Changes to owner records, seen over an older view. */
public interface OwnerChanges extends OwnerView {
    void put(OwnerKey key, OwnerRecord record);

    void remove(OwnerKey key);

    /** Marks a row as touched whose record stays as it is. */
    void touch(OwnerKey key);

    /** Removes every record of a table. */
    void truncate(int oid);

    /** Whether the row was put, removed or touched here and not only below. */
    boolean contains(OwnerKey key);

    /** Makes the same changes elsewhere. */
    void copyTo(OwnerChanges newer);
}
