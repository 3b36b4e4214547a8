package dev.reinstate.archive.format;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How parts of data objects become stored bytes: compressed, then encrypted.
 *
 * @param keys empty if the archive is not encrypted
 * @param threads where blocks are packed while more are gathered; null: by whoever gathers them
 */
public record Packing(
        Compression compression,
        Optional<ObjectKeys> keys,
        @Nullable PackingThreads threads) {
    public Packing(Compression compression, Optional<ObjectKeys> keys) {
        this(compression, keys, null);
    }
}
