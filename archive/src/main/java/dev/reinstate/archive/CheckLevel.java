package dev.reinstate.archive;

/** How deep a check looks; each level does what the ones before it do. */
public enum CheckLevel {
    /**
     * The chain of manifests, and that every object they name is there with its size. Finds broken, exchanged, missing
     * and removed manifests, checkpoints and pages, and missing and truncated objects; not a flipped bit in an object.
     */
    STRUCTURE,
    /** Every byte is read and verified, every record decoded. Finds every flipped bit. */
    CHECKSUMS,
    /**
     * Every partition is folded at the end of every stretch, counted and hashed. Finds what no checksum can: changes that
     * lean on rows that are not there.
     */
    FULL;

    boolean reads() {
        return this != STRUCTURE;
    }
}
