package dev.reinstate.cli.verb;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.CheckLevel;
import dev.reinstate.archive.CheckPass;
import dev.reinstate.archive.CheckReport;
import dev.reinstate.archive.CheckScope;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.metrics.CheckMetrics;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.Witnesses;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code reinstate check}. */
@Command(
        name = "check",
        description = "Reads the archive end to end: every checksum, every invariant; says what can be restored.")
public final class CheckVerb extends ArchiveVerb {
    private final Databases databases;
    private final Clock clock;
    private final RandomGenerator random;

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "structure: manifests, and that every object is there; checksums (default): every byte; full:"
                    + " also brings every tenant together, counts and hashes its rows. See docs/concepts/checking.md.")
    private Optional<CheckLevel> level = Optional.empty();

    @Option(names = "--fold", description = "The same as --level full: takes about twice as long as checksums.")
    private boolean fold;

    @Option(
            names = "--since",
            paramLabel = "TIME|DURATION|LSN",
            description = "Only what came since a time, for example 25h, or after a position.")
    private Optional<String> since = Optional.empty();

    @Option(
            names = "--budget",
            paramLabel = "DURATION",
            description = "A random part, as much as there is time for; the next run goes on where this one ends.")
    private Optional<String> budget = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "Begin a new pass of samples, in the order of that seed.")
    private OptionalLong seed = OptionalLong.empty();

    @Option(
            names = "--pass-file",
            paramLabel = "FILE",
            description = "Where is kept how far the samples came (default: in the local state).")
    private Optional<Path> passFile = Optional.empty();

    @Option(
            names = "--metrics",
            paramLabel = "FILE",
            description = "Also write figures for an alarm to this file, in Prometheus' text format.")
    private Optional<Path> metrics = Optional.empty();

    record Document(
            boolean sound,
            CheckLevel level,
            CheckReport.Coverage coverage,
            List<CheckReport.Loss> losses,
            List<ArchiveState.Range> restorable,
            CheckReport report) {}

    public CheckVerb(Output output, Archives archives, Databases databases, Clock clock, RandomGenerator random) {
        super(output, archives);
        this.databases = databases;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Integer call() {
        CheckReport report = witnessed(budget.isPresent() ? sample() : read(scope()));
        metrics.ifPresent(file -> CheckMetrics.write(file, report, clock));
        Document document = new Document(
                report.isSound(), report.level(), report.coverage(), report.losses(), report.restorable(), report);
        output.result(json.asked, document, () -> new CheckScreen(output).show(report));
        return report.isSound() ? 0 : FailureKind.DAMAGED.exitCode();
    }

    /** With what is known outside of the archive: by itself it cannot tell that its end was cut off. */
    private CheckReport witnessed(CheckReport report) {
        Optional<Configuration> configuration = options.configuration();
        return configuration
                .map(found -> Witnesses.ask(() -> databases.source(found.store(), Optional.empty()), found))
                .flatMap(known -> Witnesses.loss(
                        () -> options.open(archives, configuration).reader(), known))
                .map(loss -> report.with(loss.finding()))
                .orElse(report);
    }

    private CheckLevel level() {
        if (fold && level.filter(asked -> asked != CheckLevel.FULL).isPresent()) {
            throw ReinstateException.invalid(
                    "--fold and --level say different things", "--fold is --level full", "leave one of them out");
        }
        return fold ? CheckLevel.FULL : level.orElse(CheckLevel.CHECKSUMS);
    }

    private CheckScope scope() {
        if (seed.isPresent() || passFile.isPresent()) {
            throw ReinstateException.invalid(
                    "--seed and --pass-file are of samples", "no --budget is given", "give one, such as --budget 10m");
        }
        return since.<CheckScope>map(this::since).orElseGet(CheckScope.Everything::new);
    }

    private CheckScope since(String text) {
        return text.contains("/")
                ? new CheckScope.SincePosition(Lsn.parse(text))
                : new CheckScope.SinceTime(Moments.timeOrAgo(text, clock.instant()));
    }

    /** A check that was asked to end in time goes on from run to run, until all was looked at. */
    private CheckReport sample() {
        if (since.isPresent()) {
            throw ReinstateException.invalid(
                    "--since and --budget do not go together",
                    "what came since is checked whole, and a sample is of everything",
                    "give one of them");
        }
        var duration = Amounts.parseDuration(budget.orElseThrow())
                .orElseThrow(() -> ReinstateException.invalid(
                        "\"" + budget.get() + "\" is not a duration", "it is a number and a unit", "write it as 10m"));
        Optional<Configuration> configuration = options.configuration();
        StoredArchive archive = options.open(archives, configuration);
        PassFile file = new PassFile(
                passFile.orElseGet(() -> ArchiveOptions.temporary(configuration).resolveSibling("check-pass")));
        String of = archive.identity();
        CheckPass pass = seed.isPresent()
                ? CheckPass.begin(seed.getAsLong())
                : file.read(of).orElseGet(() -> CheckPass.begin(random.nextLong(1L << 53)));
        CheckReport report = read(archive, new CheckScope.Sample(duration, pass, System::nanoTime));
        report.coverage()
                .next()
                .ifPresent(next -> file.write(of, report.coverage().passDone() ? Optional.empty() : Optional.of(next)));
        return report;
    }

    private CheckReport read(CheckScope scope) {
        return read(options.open(archives), scope);
    }

    private CheckReport read(StoredArchive archive, CheckScope scope) {
        try (ProgressBar bar = new ProgressBar(output.terminal(), System::nanoTime, "checking", 0, Amounts::bytes)) {
            return Archive.check(
                    archive.objects(), archive.settings(), level(), scope, (objects, allObjects, bytes, allBytes) -> {
                        bar.total(allBytes);
                        bar.done(bytes);
                    });
        }
    }
}
