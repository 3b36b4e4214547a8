package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.definition.DefinitionReader;
import java.sql.Connection;
import java.time.Clock;
import java.time.Duration;
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
    private final TenancyRules rules;
    private final Clock clock;
    private Optional<Definitions> newest;
    private long nextLookNanos = System.nanoTime();

    DefinitionHistory(Connection control, ArchiveWriter writer, ArchiveReader reader, TenancyRules rules, Clock clock) {
        this.control = control;
        this.writer = writer;
        this.rules = rules;
        this.clock = clock;
        this.newest = reader.definitionsAt(lastPosition());
    }

    boolean isDue() {
        return System.nanoTime() - nextLookNanos >= 0;
    }

    /**
     * Publishes what makes the tables if it is not what the archive has. Changes of rows are worth more: when the source
     * or the archive does not answer, it is tried again later, and whoever reads or writes next says what is the matter.
     */
    void look() {
        try {
            publishWhatIsNew();
            nextLookNanos = System.nanoTime() + INTERVAL.toNanos();
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.UNAVAILABLE) {
                throw e;
            }
            nextLookNanos = System.nanoTime() + RETRY_PAUSE.toNanos();
        }
    }

    private void publishWhatIsNew() {
        SourceTables tables = SourceTables.of(Catalogue.read(control), rules);
        Definitions now = DefinitionReader.read(control, tables.captured(), lastPosition(), clock.instant());
        if (newest.filter(now::makeTheSameAs).isEmpty()) {
            writer.publishDefinitions(now);
            newest = Optional.of(now);
        }
    }

    private Lsn lastPosition() {
        return writer.state().durableTo().previous();
    }
}
