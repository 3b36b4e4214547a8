package dev.reinstate.model;

import java.time.Instant;
import java.util.Optional;

/**
 * One table as the catalogue had it from a position on. The versions of one oid, in order, are what happened to it:
 * renames, columns added and dropped, rewrites.
 *
 * @param position from here on; see {@code exact}
 * @param time when that was, or when it was noticed
 * @param oid the relation's oid in the source; a table that is dropped and created again is another table
 * @param name schema and name from then on
 * @param shape the table from then on; empty when it was dropped, or is no longer captured
 * @param storage opaque: equal as long as nothing rewrote the table (file node, persistence, versions of its columns'
 *     catalogue rows); empty where only the change stream has named the table yet
 * @param command what did it, as far as it is known: {@code image}, {@code seen}, {@code announced}, {@code ALTER TABLE} …
 * @param exact true: {@code position} is the commit that did it, told by the event trigger or read in an image's
 *     snapshot; false: it was noticed later
 */
public record TableVersion(
        Lsn position,
        Instant time,
        int oid,
        TableName name,
        Optional<TableSchema> shape,
        String storage,
        String command,
        boolean exact) {
    public TableVersion {
        if (shape.isPresent()
                && (shape.get().oid() != oid || !shape.get().name().equals(name))) {
            throw new IllegalArgumentException("the shape of " + shape.get().name() + " as one of " + name);
        }
    }
}
