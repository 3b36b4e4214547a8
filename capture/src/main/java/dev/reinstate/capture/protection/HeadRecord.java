package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveHead;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.replication.SourceNames;
import dev.reinstate.postgres.replication.SourceNote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;

/**
 * Writes the archive's head down outside of it, after it is durable: with every publish in a local file, and now and then
 * in the source, where it costs a small transaction. An interruption leaves an older head there, which only tells less.
 *
 * <p>An idle source is left alone: our own transaction moves its log, which the archive records; that alone is no reason
 * to write again.
 */
final class HeadRecord implements CaptureListener {
    private static final Duration SOURCE_INTERVAL = Duration.ofSeconds(60);

    private final ArchiveWriter writer;
    private final SourceNames names;
    private final Path file;
    private final CaptureListener listener;
    private volatile ArchiveHead head;
    private volatile boolean isWorthTelling;
    private long toldNanos;
    private String lastFailure = "";

    HeadRecord(ArchiveWriter writer, SourceNames names, Path file, CaptureListener listener) {
        this.writer = writer;
        this.names = names;
        this.file = file;
        this.listener = listener;
        this.head = writer.head();
        this.toldNanos = System.nanoTime();
    }

    @Override
    public void published(Lsn durableTo, long changes, Instant newestCommit) {
        reached(changes > 0);
    }

    @Override
    public void positionPublished(Lsn durableTo) {
        reached(false);
    }

    /** By the thread that published. */
    private void reached(boolean isNews) {
        ArchiveHead before = head;
        ArchiveHead now = writer.head();
        head = now;
        isWorthTelling |= isNews || now.number() != before.number() + 1;
        writeFile(now);
    }

    /** In both places. By the thread that publishes, or while none does. */
    void tell(Connection source) {
        head = writer.head();
        writeFile(head);
        tellSource(source);
    }

    /** In the source, if it is time and there is something to tell. By any one thread. */
    void tellIfDue(Connection source) {
        if (isWorthTelling && System.nanoTime() - toldNanos >= SOURCE_INTERVAL.toNanos()) {
            tellSource(source);
        }
    }

    private void tellSource(Connection source) {
        isWorthTelling = false;
        toldNanos = System.nanoTime();
        try {
            SourceNote.write(source, names, "Reinstate: " + head.text());
        } catch (ReinstateException e) {
            isWorthTelling = true;
            if (!String.valueOf(e.getMessage()).equals(lastFailure)) {
                lastFailure = String.valueOf(e.getMessage());
                listener.headNotTold(e);
            }
        }
    }

    /** Best effort: what cannot be written tells less. */
    private void writeFile(ArchiveHead now) {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(draft, now.text() + "\n");
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // what is there says an earlier head, or nothing
        }
    }
}
