package dev.reinstate.capture.owner;

/** Changes to owner records, seen over an older view. */
public interface OwnerChanges extends OwnerView {
    void put(OwnerKey key, OwnerRecord record);

    void remove(OwnerKey key);

    /** Removes every record of a table. */
    void truncate(int oid);

    /** Whether the change is here and not only below. */
    boolean contains(OwnerKey key);

    boolean isTruncated(int oid);

    /** Makes the same changes elsewhere. */
    void copyTo(OwnerChanges newer);
}
