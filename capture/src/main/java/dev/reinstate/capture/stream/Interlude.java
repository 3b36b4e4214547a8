package dev.reinstate.capture.stream;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.postgres.ddl.DdlMessage;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What is done between two transactions, at a position of the stream, while the stream stands still. By the thread that
 * reads it.
 */
public interface Interlude {
    /** A transaction that commits there empties a table. */
    void truncated(int oid, Lsn commit);

    /** A transaction that commits there did that to a table. */
    void told(DdlMessage message, Lsn commit, Instant time);

    /** Whether the archive has never heard of a table of which the stream has rows. */
    boolean isUnheardOf(int oid);

    /**
     * Tables of which the source may have rows that the archive has not: they are to be read. Changes of such rows may lean
     * on nothing until then.
     */
    Set<TableName> unread();

    /**
     * The stream has rows of a table of which the archive has never heard. None of them is durable yet, and nothing is being
     * made durable meanwhile.
     */
    void announced(TableSchema shape);

    /** Where to stop: the stream does not go beyond a commit at or after that position. Empty: go on. Asked often. */
    Optional<Lsn> due();

    /**
     * Called once the stream is there, and everything before the position it stops at is durable in the archive and in
     * the owner index, and nothing else.
     *
     * @param alive to be called at least every second: keeps the stream open, and throws to end the capture
     */
    void run(Runnable alive);
}
