package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.definition.DefinitionReader;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Keeps in the archive what makes the captured tables, so that it is enough to make them again: looks when capture
 * starts, when tables were found changed, and now and then for what no row tells of, such as a new index.
 */
final class DefinitionHistory {
    private static final Duration INTERVAL = Duration.ofMinutes(10);
    private static final Duration RETRY_PAUSE = Duration.ofSeconds(10);

    private final Connection control;
    private final ArchiveWriter writer;
    private final ArchiveReader reader;
    private final TenancyRules rules;
    private final CaptureListener listener;
    private final InstantSource clock;
    private Optional<Definitions> newest = Optional.empty();
    private boolean isRead;
    private int failures;
    private long nextLookNanos = System.nanoTime();

    DefinitionHistory(
            Connection control,
            ArchiveWriter writer,
            ArchiveReader reader,
            TenancyRules rules,
            CaptureListener listener,
            InstantSource clock) {
        this.control = control;
        this.writer = writer;
        this.reader = reader;
        this.rules = rules;
        this.listener = listener;
        this.clock = clock;
    }

    boolean isDue() {
        return System.nanoTime() - nextLookNanos >= 0;
    }

    /**
     * Publishes what makes the tables if it is not what the archive has. Changes of rows are worth more: what fails here,
     * a table dropped while it is looked at for example, is said and tried again later. {@code REFUSED} when another
     * writer has taken over.
     */
    void look() {
        try {
            publishWhatIsNew();
            failures = 0;
            nextLookNanos = System.nanoTime() + INTERVAL.toNanos();
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.REFUSED) {
                throw e;
            }
            listener.retrying(e, ++failures, RETRY_PAUSE);
            nextLookNanos = System.nanoTime() + RETRY_PAUSE.toNanos();
        }
    }

    private void publishWhatIsNew() {
        if (!isRead) {
            newest = newestThere();
            isRead = true;
        }
        SourceTables tables = SourceTables.of(Catalogue.read(control), rules);
        Definitions now = DefinitionReader.read(control, tables.captured(), lastPosition(), clock.instant());
        if (newest.filter(now::makeTheSameAs).isEmpty()) {
            writer.publishDefinitions(now);
            newest = Optional.of(now);
        }
    }

    /** Those that are lost are written anew. */
    private Optional<Definitions> newestThere() {
        try {
            return reader.definitionsAt(lastPosition());
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private Lsn lastPosition() {
        return writer.state().durableTo().previous();
    }
}
