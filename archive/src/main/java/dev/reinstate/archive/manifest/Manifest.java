package dev.reinstate.archive.manifest;

import java.time.Instant;

/**
 * One link of the chain.
 *
 * @param number from 1, without holes (INV-1)
 * @param previous SHA-256 of the manifest before, all its bytes; zeros in the first (INV-2)
 * @param writer random, one per opening of a writer
 * @param publish random, one per entry: tells whose manifest was written when that is in doubt
 */
public record Manifest(long number, String previous, String writer, String publish, Instant written, Entry entry) {
    public static final String NO_PREVIOUS = "0".repeat(64);
}
