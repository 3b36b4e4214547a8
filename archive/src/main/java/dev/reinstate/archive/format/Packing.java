package dev.reinstate.archive.format;

import java.util.Optional;

/**
 * How parts of data objects become stored bytes: compressed, then encrypted.
 *
 * @param keys empty if the archive is not encrypted
 */
public record Packing(Compression compression, Optional<ObjectKeys> keys) {}
