package dev.reinstate.archive;

/**
 * A piece of a check that is done at once.
 *
 * @param name unique, the same in every check
 * @param sizeBytes what it reads of objects
 */
record CheckUnit(Kind kind, String name, long sizeBytes, Runnable check) {
    enum Kind {
        /** An image's or table image's part, a segment, a catalogue object. */
        OBJECT,
        /** A partition that is folded. */
        FOLD,
        /** Anything beside. */
        OTHER
    }
}
