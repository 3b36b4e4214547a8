package dev.reinstate.archive;

import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.ObjectWriter;

/**
 * Lets somebody else go first at the n-th object published, and, if told so, fails that one: not written, or written all
 * the same. Beside that, what any {@link FaultyObjectStore} can be told.
 */
final class InterleavingObjectStore extends FaultyObjectStore {
    /** How the object whose turn it was ends. */
    enum Ending {
        AS_USUAL,
        NOT_WRITTEN,
        WRITTEN_BUT_FAILED
    }

    private final long turn;
    private final Ending ending;
    private final Runnable before;
    private final Runnable after;
    private long published;

    InterleavingObjectStore(ObjectStore inner, long turn, Ending ending, Runnable before, Runnable after) {
        super(inner);
        this.turn = turn;
        this.ending = ending;
        this.before = before;
        this.after = after;
    }

    /** Objects published so far, or tried to. */
    long published() {
        return published;
    }

    @Override
    public ObjectWriter create(String key) {
        return new Writer(key, super.create(key));
    }

    private final class Writer implements ObjectWriter {
        private final String key;
        private final ObjectWriter writer;

        private Writer(String key, ObjectWriter writer) {
            this.key = key;
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            writer.write(bytes, offset, length);
        }

        @Override
        public long sizeBytes() {
            return writer.sizeBytes();
        }

        @Override
        public void publish() {
            if (++published != turn) {
                writer.publish();
                return;
            }
            before.run();
            try {
                if (ending != Ending.NOT_WRITTEN) {
                    writer.publish();
                }
            } finally {
                after.run();
            }
            if (ending != Ending.AS_USUAL) {
                throw new ObjectStoreException(
                        ObjectStoreException.Kind.UNAVAILABLE, "Publishing " + key, "made to fail", "try again", null);
            }
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
