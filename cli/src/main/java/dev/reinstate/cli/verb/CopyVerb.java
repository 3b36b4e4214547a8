package dev.reinstate.cli.verb;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveCopy;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.CopyReport;
import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.cli.wiring.ObjectStores;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.RateLimit;
import dev.reinstate.objectstore.RateLimitedObjectStore;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code reinstate copy}. */
@Command(
        name = "copy",
        description = {
            "Replicates the archive to a second place: only what is not there yet, every object checked on the way.",
            "Safe to kill at any moment and to run again, also while `protect` runs. The copy is a whole archive:",
            "`check`, `restore` and the others read it with --archive."
        })
public final class CopyVerb extends ArchiveVerb {
    private static final int MOST_PARALLEL = 64;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "PLACE",
            description = "Folder of the copy, or s3://bucket/prefix?endpoint=…&region=…&path-style=true.")
    private String to = "";

    @Option(
            names = "--object-lock",
            paramLabel = "MODE:DAYS",
            description = "Lock what is copied in S3, for example compliance:35; the bucket must have Object Lock.")
    private Optional<String> objectLock = Optional.empty();

    @Option(
            names = "--bytes-per-second",
            paramLabel = "SIZE",
            description = "Copy no faster, for example 20MB (default: as fast as it goes).")
    private Optional<String> bytesPerSecond = Optional.empty();

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "Objects copied at once, 1 to 64 (default: ${DEFAULT-VALUE}).")
    private int parallel = 4;

    @Option(
            names = "--from-the-beginning",
            description = "Also look for objects and keys that the copy should have already, and copy what is missing.")
    private boolean fromTheBeginning;

    record Document(ArchivePlace to, CopyReport copied, Lsn durableTo, Optional<Instant> durableTime, double seconds) {}

    public CopyVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        if (parallel < 1 || parallel > MOST_PARALLEL) {
            throw ReinstateException.invalid(
                    parallel + " objects cannot be copied at once", "--parallel is 1 to 64", "give another number");
        }
        ArchivePlace place = place();
        RateLimit rate = rate();
        Optional<Configuration> configuration = options.configuration();
        StoredArchive archive = options.open(archives, configuration);
        long begun = System.nanoTime();
        try (ObjectStore target = new RateLimitedObjectStore(ObjectStores.open(place), RateLimit.none(), rate)) {
            CopyReport report = copy(archive, target);
            ArchiveReader copied = Archive.openReader(target, archive.settings());
            Document document = new Document(
                    place,
                    report,
                    copied.state().durableTo(),
                    copied.state().durableTime(),
                    (System.nanoTime() - begun) / 1e9);
            output.result(json.asked, document, () -> show(document));
        }
        return 0;
    }

    private ArchivePlace place() {
        ArchivePlace place = ArchivePlace.parse(to, path -> path);
        if (objectLock.isEmpty()) {
            return place;
        }
        if (!(place instanceof ArchivePlace.Bucket bucket)) {
            throw ReinstateException.invalid(
                    "--object-lock means nothing for a folder", "only S3 locks objects", "leave it out");
        }
        return new ArchivePlace.Bucket(bucket.location(), objectLock.map(ArchivePlace.Lock::parse));
    }

    private RateLimit rate() {
        return bytesPerSecond
                .map(text -> RateLimit.perSecond(Amounts.parseBytes(text)
                        .filter(bytes -> bytes > 0)
                        .orElseThrow(() -> ReinstateException.invalid(
                                "\"" + text + "\" is not a size", "--bytes-per-second is one", "write it as 20MB"))))
                .orElseGet(RateLimit::none);
    }

    private CopyReport copy(StoredArchive source, ObjectStore target) {
        try (ProgressBar bar = new ProgressBar(
                output.terminal(), System::nanoTime, "copying", 0, count -> Amounts.count(count, "manifest"))) {
            return ArchiveCopy.run(
                    source.objects(),
                    target,
                    source.settings(),
                    new ArchiveCopy.Options(parallel, fromTheBeginning),
                    (done, total, bytes) -> {
                        bar.total(total);
                        bar.label("copying (" + Amounts.bytes(bytes) + ")");
                        bar.done(done);
                    });
        }
    }

    private void show(Document document) {
        Terminal terminal = output.terminal();
        CopyReport copied = document.copied();
        terminal.line(Amounts.count(copied.manifests(), "manifest") + ", "
                + Amounts.count(copied.objects(), "object") + ", " + Amounts.bytes(copied.sizeBytes()) + " copied to "
                + document.to() + ".");
        if (copied.objectsGone() > 0) {
            terminal.line(Amounts.count(copied.objectsGone(), "object")
                    + " of earlier times, which the archive has no more, left out.");
        }
        if (copied.keysErased() > 0) {
            terminal.line(Amounts.count(copied.keysErased(), "key") + " of erased tenants destroyed in the copy.");
        }
        if (copied.keysBeyond() > 0) {
            terminal.line(terminal.onOut(
                            Terminal.Style.WARN,
                            Amounts.count(copied.keysBeyond(), "key") + " in the copy that the archive does not have")
                    + ": find out why before you remove one.");
        }
        terminal.line(terminal.onOut(
                Terminal.Style.GOOD,
                "The copy is the archive up to " + document.durableTo()
                        + document.durableTime()
                                .map(time -> ", " + Amounts.time(time))
                                .orElse("") + "."));
    }
}
