package dev.reinstate.archive.format;

/**
 * The content hash of a table's rows of one partition in one object.
 *
 * @param high the first eight bytes of their {@link RowDigest}
 * @param low the next eight
 */
public record TableContent(int oid, long rows, long high, long low) {
    /** @param sha256 of the rows, of which half is kept */
    public static TableContent of(int oid, long rows, byte[] sha256) {
        ByteSource hash = new ByteSource(sha256);
        return new TableContent(oid, rows, hash.u64(), hash.u64());
    }
}
