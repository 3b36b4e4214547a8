package dev.reinstate.postgres.replication;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import java.sql.Connection;
import java.util.Optional;

/**
 * One line that capture keeps in the source: the comment of one of its publications. It needs no table and no right that
 * capture does not have, a replica that takes over has it too, and it goes with the publication.
 */
public final class SourceNote {
    private SourceNote() {}

    /** What the note says; empty when there is none, or no publication. */
    public static Optional<String> read(Connection connection, SourceNames names) {
        return Query.first(
                        connection,
                        "Cannot read the comment of publication " + names.rowsPublication(),
                        "SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = ?",
                        row -> Optional.ofNullable(row.getString(1)),
                        names.rowsPublication())
                .flatMap(comment -> comment);
    }

    /**
     * Puts it in place of what was there; in a transaction of its own, unless one is running. {@code INVALID} or {@code
     * REFUSED} where the publication is missing or somebody else's: see {@link ReinstateException#kind}.
     */
    public static void write(Connection connection, SourceNames names, String note) {
        Query.execute(
                connection,
                "Cannot comment on publication " + names.rowsPublication(),
                "COMMENT ON PUBLICATION " + Sql.identifier(names.rowsPublication()) + " IS " + Sql.literal(note));
    }
}
