package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.ArchiveMaintenance.MadeImage;
import dev.reinstate.archive.ArchiveMaintenance.Merged;
import dev.reinstate.archive.ArchiveMaintenance.Removed;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.StatusLine;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.cli.wiring.MaintenanceRate;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate compact}. */
@Command(
        name = "compact",
        description = {
            "Merges small segments into larger ones and makes images from what is there, so that a restore has few objects"
                    + " to look into.",
            "Beside a running `protect` or without one; safe to kill at any moment and to run again."
        })
public final class CompactVerb implements Callable<Integer> {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private final Output output;
    private final Archives archives;

    @Mixin
    private final ArchiveOptions options = new ArchiveOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(names = "--watch", description = "Go on until stopped, looking for more to do every ten seconds.")
    private boolean watch;

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
            defaultValue = "24h",
            description = {
                "Remove objects that were replaced longer ago than this; no reader may run longer (default:",
                "${DEFAULT-VALUE})."
            })
    private String grace = "24h";

    record Document(
            long merges,
            long segmentsBefore,
            long segmentsAfter,
            long bytesRead,
            long bytesWritten,
            Optional<MadeImage> image,
            Optional<Removed> removed) {}

    public CompactVerb(Output output, Archives archives) {
        this.output = output;
        this.archives = archives;
    }

    @Override
    public Integer call() throws InterruptedException {
        StoredArchive stored = maxRate.map(text -> MaintenanceRate.of("--max-rate", text))
                .map(rate -> rate.limit(options.open(archives)))
                .orElseGet(() -> options.open(archives));
        Duration kept = Amounts.parseDuration(grace)
                .orElseThrow(() -> ReinstateException.invalid(
                        "\"" + grace + "\" is not a duration", "--grace is one", "write it as 24h"));
        try (ArchiveMaintenance maintenance = stored.maintenance()) {
            Document document = run(maintenance, kept);
            while (watch) {
                TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN.toMillis());
                document = run(maintenance, kept);
            }
            Document done = document;
            output.result(json.asked, done, () -> show(done));
        }
        return 0;
    }

    /** Merges until there is nothing to merge, then makes an image, then removes what was replaced long ago. */
    private Document run(ArchiveMaintenance maintenance, Duration kept) {
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
        return new Document(merges, before, maintenance.state().segmentCount(), read, written, made, removed);
    }

    private void show(Document document) {
        output.terminal()
                .line(
                        document.merges() == 0
                                ? "Nothing to merge: " + Amounts.count(document.segmentsAfter(), "segment") + "."
                                : Amounts.count(document.merges(), "merge") + ": "
                                        + Amounts.count(document.segmentsBefore(), "segment") + " became "
                                        + Amounts.count(document.segmentsAfter()) + ", "
                                        + Amounts.bytes(document.bytesRead()) + " read, "
                                        + Amounts.bytes(document.bytesWritten()) + " written.");
        document.removed()
                .ifPresent(removed -> output.terminal()
                        .line("Removed " + Amounts.count(removed.objects(), "object") + ", "
                                + Amounts.bytes(removed.sizeBytes()) + ", that were replaced more than " + grace
                                + " ago"
                                + (removed.locked() == 0
                                        ? "."
                                        : "; the store still keeps those of " + Amounts.count(removed.locked(), "merge")
                                                + ".")));
        document.image()
                .ifPresent(made -> output.terminal()
                        .line("An image of " + Amounts.count(made.rows(), "row") + " was made at " + made.position()
                                + " (" + Amounts.time(made.time()) + "), " + Amounts.bytes(made.sizeBytes()) + "."));
    }
}
