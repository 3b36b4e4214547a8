package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.ArchiveMaintenance.MadeImage;
import dev.reinstate.archive.ArchiveMaintenance.Merged;
import dev.reinstate.archive.ArchiveMaintenance.Removed;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.StatusLine;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.cli.wiring.MaintenanceRate;
import dev.reinstate.model.FailureKind;
import dev.reinstate.restore.receipt.MetDamage;
import dev.reinstate.restore.receipt.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code reinstate compact}. */
@Command(
        name = "compact",
        description = {
            "Merges small segments into larger ones, makes an image from what is there, removes what was replaced.",
            "A restore has few objects to look into. No moment is lost by it. Beside a running `protect`, which does the",
            "same by itself, or without one; safe to kill at any moment and to run again."
        })
public final class CompactVerb extends ArchiveVerb {
    @Option(
            names = "--max-rate",
            paramLabel = "SIZE",
            description = "Bytes a second it may read and write, for example 20MB (default: as fast as it can).")
    private Optional<String> maxRate = Optional.empty();

    @Option(
            names = "--image",
            description = "Make an image when there is any change since the newest, not only when it is worth it.")
    private boolean image;

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            description = "Remove objects that nothing needs any more after so long; no reader may run longer"
                    + " (default: the configuration's).")
    private Optional<String> grace = Optional.empty();

    record Document(
            long merges,
            long segmentsBefore,
            long segmentsAfter,
            long bytesRead,
            long bytesWritten,
            Optional<MadeImage> image,
            Optional<Removed> removed,
            List<Receipt.Damage> damage,
            List<RestoreDocument.Failure> leftDamaged) {}

    public CompactVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        Optional<Configuration> configuration = options.configuration();
        Duration kept = grace(configuration);
        StoredArchive opened = options.open(archives, configuration);
        MetDamage damage = new MetDamage(opened.settings().damage());
        StoredArchive whole =
                new StoredArchive(opened.objects(), opened.settings().withDamageListener(damage));
        StoredArchive stored = maxRate.map(text -> MaintenanceRate.of("--max-rate", text))
                .map(rate -> rate.limit(whole))
                .orElse(whole);
        try (ArchiveMaintenance maintenance = stored.maintenance()) {
            Document document = run(maintenance, kept, damage);
            output.result(json.asked, document, () -> show(document, kept));
            return document.leftDamaged().isEmpty() ? 0 : FailureKind.DAMAGED.exitCode();
        }
    }

    private Duration grace(Optional<Configuration> configuration) {
        return grace.map(text -> Amounts.durationOf("--grace", text, "24h"))
                .or(() -> configuration.map(
                        found -> found.settings().maintenance().retention().grace()))
                .orElse(Configuration.Retention.DEFAULT.grace());
    }

    /** Merges until there is nothing to merge, then makes an image, then removes what was replaced long ago. */
    private Document run(ArchiveMaintenance maintenance, Duration kept, MetDamage damage) {
        long before = maintenance.state().segmentCount();
        long merges = 0;
        long read = 0;
        long written = 0;
        try (StatusLine status = new StatusLine(output.terminal(), System::nanoTime)) {
            Optional<Merged> merged = maintenance.compactOnce();
            while (merged.isPresent()) {
                merges++;
                read += merged.get().bytesRead();
                written += merged.get().bytesWritten();
                status.show(Amounts.count(merges, "merge") + ", " + Amounts.bytes(read) + " into "
                        + Amounts.bytes(written) + ", at " + merged.get().to());
                merged = maintenance.compactOnce();
            }
        }
        Optional<MadeImage> made = maintenance.makeImage(image);
        Optional<Removed> removed = maintenance.removeReplaced(kept);
        return new Document(
                merges,
                before,
                maintenance.state().segmentCount(),
                read,
                written,
                made,
                removed,
                damage.met(),
                maintenance.leftDamaged().stream().map(RestoreDocument::error).toList());
    }

    private void show(Document document, Duration kept) {
        String merges = Amounts.count(document.merges(), "merge") + ": "
                + Amounts.count(document.segmentsBefore(), "segment") + " became "
                + Amounts.count(document.segmentsAfter()) + ", " + Amounts.bytes(document.bytesRead()) + " read, "
                + Amounts.bytes(document.bytesWritten()) + " written.";
        output.terminal()
                .line(
                        document.merges() == 0
                                ? "Nothing to merge: " + Amounts.count(document.segmentsAfter(), "segment") + "."
                                : merges);
        document.image()
                .ifPresent(made -> output.terminal()
                        .line("An image of " + Amounts.count(made.rows(), "row") + " was made at " + made.position()
                                + " (" + Amounts.time(made.time()) + "), " + Amounts.bytes(made.sizeBytes()) + "."));
        document.removed().ifPresent(removed -> new RetentionLines(output.terminal()).removed(removed, kept));
        document.leftDamaged()
                .forEach(left -> output.terminal()
                        .line(output.terminal().onOut(Terminal.Style.BAD, "Damaged, and left as it is: ") + left.what()
                                + ": " + left.why() + ". Next: " + left.next()));
    }
}
