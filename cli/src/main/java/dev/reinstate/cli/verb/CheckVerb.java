package dev.reinstate.cli.verb;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.CheckReport;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.metrics.CheckMetrics;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.Witnesses;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.UncertainInterval;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate check}. */
@Command(
        name = "check",
        description = "Reads the archive end to end: every checksum, every invariant; says what can be restored.")
public final class CheckVerb implements Callable<Integer> {
    private static final int SHOWN_TENANTS = 10;

    private final Output output;
    private final Archives archives;
    private final Databases databases;
    private final Clock clock;

    @Mixin
    private final ArchiveOptions options = new ArchiveOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(
            names = "--fold",
            description = "Also bring every tenant together at the end of every range: takes about twice as long.")
    private boolean fold;

    @Option(
            names = "--metrics",
            paramLabel = "FILE",
            description = "Also write figures for an alarm to this file, in Prometheus' text format.")
    private Optional<Path> metrics = Optional.empty();

    record Document(boolean sound, List<ArchiveState.Range> restorable, CheckReport report) {}

    public CheckVerb(Output output, Archives archives, Databases databases, Clock clock) {
        this.output = output;
        this.archives = archives;
        this.databases = databases;
        this.clock = clock;
    }

    @Override
    public Integer call() {
        CheckReport report = witnessed(read());
        metrics.ifPresent(file -> CheckMetrics.write(file, report, clock));
        output.result(json.asked, new Document(report.isSound(), report.restorable(), report), () -> show(report));
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

    private CheckReport read() {
        StoredArchive archive = options.open(archives);
        try (ProgressBar bar = new ProgressBar(output.terminal(), System::nanoTime, "checking", 0, Amounts::bytes)) {
            return Archive.check(
                    archive.objects(), archive.settings(), fold, (objects, allObjects, bytes, allBytes) -> {
                        bar.total(allBytes);
                        bar.done(bytes);
                    });
        }
    }

    private void show(CheckReport report) {
        Terminal terminal = output.terminal();
        report.findings().forEach(this::show);
        terminal.line(Amounts.count(report.objects(), "object") + ", " + Amounts.count(report.manifests(), "manifest")
                + ", "
                + Amounts.count(report.records(), "row and change").replace("row and changes", "rows and changes")
                + ", " + Amounts.bytes(report.sizeBytes()) + " read.");
        for (ArchiveState.Range range : report.restorable()) {
            terminal.line("Every tenant can be restored to any moment from " + Amounts.time(range.fromTime()) + " ("
                    + range.from() + ") to " + Amounts.time(range.toTime()) + " (" + range.to() + ").");
        }
        for (UncertainInterval interval : report.uncertain()) {
            terminal.line("But rows of " + interval.table() + " may not be right from " + interval.from()
                    + " to before " + interval.to() + ": " + interval.reason() + ".");
        }
        if (report.restorable().isEmpty()) {
            terminal.line(terminal.onOut(Terminal.Style.BAD, "No moment can be restored for every tenant."));
        }
        terminal.line(
                report.isSound()
                        ? terminal.onOut(Terminal.Style.GOOD, "Sound: nothing a recovery needs is damaged.")
                        : terminal.onOut(
                                Terminal.Style.BAD, "DAMAGED: see above; keep a copy of the archive as it is."));
    }

    private void show(CheckReport.Finding finding) {
        Terminal terminal = output.terminal();
        Terminal.Style style =
                finding.severity() == CheckReport.Severity.DAMAGE ? Terminal.Style.BAD : Terminal.Style.WARN;
        terminal.line(terminal.onOut(style, finding.severity().name().toLowerCase(java.util.Locale.ROOT)) + "  "
                + finding.object() + ": " + finding.what() + " (" + finding.invariant() + ")");
        if (!finding.moments().isEmpty()) {
            List<String> tenants = finding.tenants();
            String who = tenants.isEmpty()
                    ? "every tenant"
                    : String.join(", ", tenants.stream().limit(SHOWN_TENANTS).toList())
                            + (tenants.size() > SHOWN_TENANTS
                                    ? " and " + (tenants.size() - SHOWN_TENANTS) + " more"
                                    : "");
            terminal.line("        not restorable from " + finding.moments().from() + " to before "
                    + finding.moments().to() + ": " + who);
        }
    }
}
