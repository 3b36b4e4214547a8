package dev.reinstate.capture.owner;

import org.jspecify.annotations.Nullable;

/** The owner records as they stand at some point of history. */
public interface OwnerView {
    @Nullable
    OwnerRecord get(OwnerKey key);
}
