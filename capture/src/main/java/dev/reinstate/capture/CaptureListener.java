package dev.reinstate.capture;

import dev.reinstate.capture.source.LetGoPolicy;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Hears what capture does, for logs, screens and alarms. Called from capture's own threads, possibly several at a time;
 * must return soon. Nothing depends on it.
 */
public interface CaptureListener {
    /** A listener that hears nothing. */
    CaptureListener SILENT = new CaptureListener() {};

    /** Tells all of them, in that order. */
    static CaptureListener all(List<CaptureListener> listeners) {
        return (CaptureListener) Proxy.newProxyInstance(
                CaptureListener.class.getClassLoader(),
                new Class<?>[] {CaptureListener.class},
                (proxy, method, args) -> {
                    for (CaptureListener listener : listeners) {
                        method.invoke(listener, args);
                    }
                    return null;
                });
    }

    /** The slot's creation waits for transactions that write. */
    default void waitingForTransactions(List<String> transactions) {}

    /**
     * What the catalogue was is partly lost from the archive. Tables of which nothing is left need a new image; others that
     * are not as the rest says are read anew.
     *
     * @param lost what is missing or damaged, a line each
     */
    default void catalogueDamaged(List<String> lost) {}

    /** An image begins. */
    default void imageStarted(String reason, int tables, long estimatedRows) {}

    /** Rows read of the image so far, over all tables; {@code table} is being read. */
    default void imageProgress(TableName table, long rows, long bytes) {}

    /** An image is still being read: as long as its snapshot is kept, the server removes no row that died since. */
    default void snapshotKept(Duration age) {}

    /** All rows are read; they are sorted and made durable now. */
    default void imagePublishing(long rows, long bytes) {}

    default void imagePublished(Lsn position, long rows, Duration took) {}

    /** The owner index was brought to the archive's position. */
    default void ownersRecovered(String outcome, Duration took) {}

    /** Streaming begins, from a position everything before which is durable. */
    default void streaming(Lsn from) {}

    /**
     * A segment is durable.
     *
     * @param newestCommit commit time of its newest transaction
     */
    default void published(Lsn durableTo, long changes, Instant newestCommit) {}

    /** Nothing was committed up to there, durably recorded. */
    default void positionPublished(Lsn durableTo) {}

    /** The archive or the source does not answer; capture tries again. */
    default void retrying(ReinstateException failure, int attempt, Duration pause) {}

    /** Which tables are not protected as others are, whenever that changes. */
    default void unprotectedTables(List<SourceTables.Unprotected> tables) {}

    /** The publications were changed to follow the tables. */
    default void publicationsChanged(List<String> statements) {}

    /** A table's history has a hole until the next image. */
    default void tableUncertain(TableName table, String why) {}

    /**
     * Rows of those tables may have changed without the stream saying so: they will be read anew. What lies between is
     * recorded as uncertain then.
     */
    default void tableImageNeeded(List<TableName> tables, String reason) {}

    /** They could not be read yet; it is tried again. */
    default void tableImagePending(List<TableName> tables, String why) {}

    /** From that position on those tables are right again. */
    default void tableImagePublished(Lsn position, List<TableName> tables, Duration took) {}

    /** Changes that found no tenant since the start. */
    default void unattributed(TableName table, long changes) {}

    /** Rows of an image that name, by several paths, rows of several tenants: each was taken for the first path's. */
    default void severalTenants(TableName table, long rows) {}

    /** A row was too large to be kept. */
    default void oversizedRow(TableName table) {}

    /** The source keeps back much of its log for capture. */
    default void retainedLog(LetGoPolicy.Pressure pressure, long retainedBytes, long limitBytes) {}

    /** How much of its log the source keeps back for capture, every few seconds. */
    default void sourceLog(long retainedBytes, long limitBytes) {}

    /** Capture let the slot go; a new image is needed. */
    default void letGo(long retainedBytes, long limitBytes) {}

    /** The archive's head could not be written down in the source: a cut-back archive is noticed later, or not at all. */
    default void headNotTold(ReinstateException failure) {}

    /** The source goes on in another timeline: a standby was promoted, or the server was recovered from a backup. */
    default void timeline(int before, int now, Lsn fork) {}

    /** History is lost from the last durable position on until the next image. */
    default void gap(Lsn from, String reason) {}
}
