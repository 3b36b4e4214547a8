package dev.reinstate.capture.owner;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The owner records as they stand at some point of history. */
public interface OwnerView {
    /** Without any records. */
    OwnerView NOTHING = new OwnerView() {
        @Override
        public @Nullable OwnerRecord get(OwnerKey key) {
            return null;
        }

        @Override
        public void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records) {
            // there are none
        }
    };

    @Nullable
    OwnerRecord get(OwnerKey key);

    /**
     * All records that are filed under that table, in no order, those of its rows' unique values too. Meanwhile the
     * consumer may put other records for the keys it is given.
     */
    void forEach(int oid, BiConsumer<OwnerKey, OwnerRecord> records);
}
