package dev.reinstate.restore.content;

/**
 * The content of a set of rows: how many, and the sum modulo 2<sup>256</sup> of their SHA-256 hashes, as 64 hexadecimal
 * digits. Two sets of the same hash hold the same rows, in whatever order, for all practical purposes.
 */
public record ContentHash(long rows, String sum) {
    /** No rows. */
    public static final ContentHash EMPTY = new ContentSum().toHash();
}
