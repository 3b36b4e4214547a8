package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.CheckLevel;
import dev.reinstate.archive.CheckReport;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.model.UncertainInterval;
import java.util.List;
import java.util.Locale;

/** What a check found, for people. */
final class CheckScreen {
    private static final int SHOWN_TENANTS = 10;

    private final Output output;
    private final Terminal terminal;

    CheckScreen(Output output) {
        this.output = output;
        this.terminal = output.terminal();
    }

    void show(CheckReport report) {
        report.findings().forEach(this::show);
        terminal.line(Amounts.count(report.objects(), "object") + ", " + Amounts.count(report.manifests(), "manifest")
                + ", "
                + Amounts.count(report.records(), "row and change").replace("row and changes", "rows and changes")
                + ", " + Amounts.bytes(report.sizeBytes()) + " "
                + (report.level() == CheckLevel.STRUCTURE ? "looked for." : "read."));
        showCoverage(report.coverage());
        showLosses(report.losses());
        String who = report.erased() == 0 ? "Every tenant" : "Every tenant that was not erased";
        for (ArchiveState.Range range : report.restorable()) {
            terminal.line(who + " can be restored to any moment from " + Amounts.time(range.fromTime()) + " ("
                    + range.from() + ") to " + Amounts.time(range.toTime()) + " (" + range.to() + ").");
        }
        if (report.erased() > 0) {
            terminal.line(Amounts.count(report.erased(), "tenant") + " erased by the ledger: nothing of before that can"
                    + " be restored, on purpose.");
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
                        ? terminal.onOut(Terminal.Style.GOOD, sound(report))
                        : terminal.onOut(
                                Terminal.Style.BAD, "DAMAGED: see above; keep a copy of the archive as it is."));
    }

    private static String sound(CheckReport report) {
        return switch (report.level()) {
            case STRUCTURE -> "Complete: every object is there. Their bytes were not read.";
            case CHECKSUMS, FULL ->
                report.coverage().scope().equals("everything")
                        ? "Sound: nothing a recovery needs is damaged."
                        : "Sound, as far as was looked: nothing a recovery needs is damaged in it.";
        };
    }

    private void showCoverage(CheckReport.Coverage coverage) {
        if (coverage.scope().equals("everything")) {
            return;
        }
        String folds = coverage.ofPartitions() == 0
                ? ""
                : ", " + Amounts.count(coverage.partitions()) + " of "
                        + Amounts.count(coverage.ofPartitions(), "tenant and other partition")
                                .replace("tenant and other partitions", "tenants and other partitions");
        String seed = coverage.seed().isPresent()
                ? " in the order of seed " + coverage.seed().getAsLong()
                        + (coverage.passDone() ? "; everything was looked at once now" : "; the next run goes on")
                : "";
        terminal.line("Checked " + coverage.scope() + ": " + Amounts.count(coverage.objects()) + " of "
                + Amounts.count(coverage.ofObjects(), "object")
                + String.format(Locale.ROOT, " (%.1f %% of the bytes)", 100 * coverage.share()) + folds + seed + ".");
    }

    private void showLosses(List<CheckReport.Loss> losses) {
        if (losses.isEmpty()) {
            return;
        }
        TextTable table = new TextTable()
                .text("tenants")
                .text("")
                .text("from")
                .text("to before")
                .text("because of");
        for (CheckReport.Loss loss : losses) {
            String who = loss.tenants().isEmpty() ? "every tenant" : shortened(loss.tenants());
            loss.lost().forEach(interval -> table.row(row(who, "lost", interval)));
            loss.remaining().forEach(interval -> table.row(row(who, "remains", interval)));
        }
        output.table(table);
    }

    private static List<String> row(String who, String what, CheckReport.Interval interval) {
        return List.of(
                who,
                what,
                interval.from() + " after " + Amounts.time(interval.fromTime()),
                interval.toTime()
                        .map(time -> interval.to() + " at " + Amounts.time(time))
                        .orElse("the end"),
                shortened(interval.objects()));
    }

    private static String shortened(List<String> names) {
        return String.join(", ", names.stream().limit(SHOWN_TENANTS).toList())
                + (names.size() > SHOWN_TENANTS ? " and " + (names.size() - SHOWN_TENANTS) + " more" : "");
    }

    private void show(CheckReport.Finding finding) {
        Terminal.Style style =
                finding.severity() == CheckReport.Severity.DAMAGE ? Terminal.Style.BAD : Terminal.Style.WARN;
        terminal.line(terminal.onOut(style, finding.severity().name().toLowerCase(Locale.ROOT)) + "  "
                + inWords(finding)
                + (finding.tenants().isEmpty() ? "" : ": " + shortened(finding.tenants())));
    }

    /** With the object's key and the invariant, each once: failures to read name both themselves. */
    private static String inWords(CheckReport.Finding finding) {
        String what = finding.what();
        return (what.contains(finding.object()) ? "" : finding.object() + ": ")
                + what
                + (what.contains(finding.invariant()) ? "" : " (" + finding.invariant() + ")");
    }
}
