package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.ArchiveMaintenance.LetGo;
import dev.reinstate.archive.ArchiveMaintenance.Removed;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.RetentionPolicy;
import dev.reinstate.archive.RetentionState;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.StatusLine;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate retention}. */
@Command(
        name = "retention",
        description = {
            "Says how far back the archive reaches and what could go: what is before the recovery window.",
            "--run lets it go, and removes what nothing needs any more. `protect` does the same by itself. Beside a",
            "running `protect` or without one; safe to kill at any moment and to run again."
        })
public final class RetentionVerb extends ArchiveVerb {
    @Mixin
    private final RetentionOptions retention = new RetentionOptions();

    @Option(names = "--run", description = "Let go of it, and remove what nothing has needed for the grace period.")
    private boolean run;

    @Option(names = "--dry-run", description = "Only say what could go; this is what happens without --run.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    /**
     * What goes.
     *
     * @param from the oldest moment kept afterwards
     * @param lost moments that can be restored no more, but for tenants that are held
     * @param keptForHolds objects that stay for them
     */
    record Going(
            Lsn from,
            Instant fromTime,
            List<ArchiveState.Range> lost,
            long objects,
            long sizeBytes,
            long keptForHolds,
            long keptForHoldsBytes) {
        static Optional<Going> of(List<LetGo> steps) {
            if (steps.isEmpty()) {
                return Optional.empty();
            }
            LetGo last = steps.getLast();
            return Optional.of(new Going(
                    last.from(),
                    last.fromTime(),
                    steps.stream().flatMap(step -> step.lost().stream()).toList(),
                    steps.stream().mapToLong(LetGo::objects).sum(),
                    steps.stream().mapToLong(LetGo::sizeBytes).sum(),
                    last.keptForHolds(),
                    last.keptForHoldsBytes()));
        }
    }

    /**
     * What a script reads.
     *
     * @param going what was let go, or without --run: would be
     * @param leftovers keys of objects that no entry of the archive names
     */
    record Document(
            Optional<Long> windowSeconds,
            int minimumImages,
            long graceSeconds,
            boolean run,
            Optional<Going> going,
            Optional<Removed> removed,
            List<String> leftovers,
            RetentionState state) {}

    public RetentionVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        if (run && dryRun) {
            throw ReinstateException.invalid(
                    "--run and --dry-run contradict each other", "it is one or the other", "give one of them");
        }
        Optional<Configuration> configuration = options.configuration();
        Configuration.Retention kept = retention.of(configuration);
        try (ArchiveMaintenance maintenance =
                options.open(archives, configuration).maintenance()) {
            Optional<LetGo> would = kept.policy().flatMap(maintenance::couldLetGo);
            List<String> leftovers = maintenance.leftovers();
            Document document = run
                    ? run(maintenance, kept, would, leftovers)
                    : document(kept, Going.of(would.stream().toList()), Optional.empty(), leftovers, maintenance);
            output.result(json.asked, document, () -> show(document, kept));
        }
        return 0;
    }

    private Document run(
            ArchiveMaintenance maintenance,
            Configuration.Retention kept,
            Optional<LetGo> would,
            List<String> leftovers) {
        would.ifPresent(going -> Consent.require(
                output.terminal(),
                yes,
                "Let go of " + Amounts.count(going.objects(), "object") + ", " + Amounts.bytes(going.sizeBytes())
                        + "? Moments before " + Amounts.time(going.fromTime())
                        + " cannot be restored afterwards, but for tenants that are held."));
        List<LetGo> steps = would.isPresent() ? letGo(maintenance, kept) : List.of();
        kept.policy().ifPresent(maintenance::shortenChain);
        maintenance.noteLeftovers();
        Optional<Removed> removed = maintenance.removeReplaced(kept.grace());
        return document(kept, Going.of(steps), removed, leftovers, maintenance);
    }

    private List<LetGo> letGo(ArchiveMaintenance maintenance, Configuration.Retention kept) {
        List<LetGo> steps = new ArrayList<>();
        try (StatusLine status = new StatusLine(output.terminal(), System::nanoTime)) {
            Optional<LetGo> step = kept.policy().flatMap(maintenance::letGo);
            while (step.isPresent()) {
                steps.add(step.get());
                status.show(
                        Amounts.count(steps.stream().mapToLong(LetGo::objects).sum(), "object") + " let go");
                step = kept.policy().flatMap(maintenance::letGo);
            }
        }
        return steps;
    }

    private Document document(
            Configuration.Retention kept,
            Optional<Going> going,
            Optional<Removed> removed,
            List<String> leftovers,
            ArchiveMaintenance maintenance) {
        return new Document(
                kept.policy().map(RetentionPolicy::window).map(Duration::toSeconds),
                kept.minimumImages(),
                kept.grace().toSeconds(),
                run,
                going,
                removed,
                leftovers,
                maintenance.retention());
    }

    private void show(Document document, Configuration.Retention kept) {
        RetentionLines lines = new RetentionLines(output.terminal());
        kept.policy()
                .ifPresentOrElse(
                        policy -> output.terminal()
                                .line("The last " + Amounts.duration(policy.window()) + " are kept, and at least "
                                        + Amounts.count(policy.minimumImages(), "image") + "."),
                        () -> output.terminal().line("Everything is kept."));
        document.going()
                .ifPresentOrElse(
                        this::show,
                        () -> output.terminal()
                                .line(
                                        "Nothing can go: what there is lies within the window, or is needed with it or for tenants that are held."));
        if (!document.leftovers().isEmpty()) {
            output.terminal()
                    .line(Amounts.count(document.leftovers().size(), "object")
                            + " found that no entry names, of something killed or just being written: they go after "
                            + Amounts.duration(kept.grace()) + " if nobody names them until then.");
        }
        document.removed().ifPresent(removed -> lines.removed(removed, kept.grace()));
        lines.state(document.state(), kept.grace());
        if (document.going().isPresent() && !run) {
            output.terminal().line("Nothing was changed. Next: --run.");
        }
    }

    private void show(Going going) {
        Terminal terminal = output.terminal();
        terminal.line((run ? "Let go of " : "Would let go of ") + Amounts.count(going.objects(), "object") + ", "
                + Amounts.bytes(going.sizeBytes()) + ".");
        for (ArchiveState.Range range : going.lost()) {
            terminal.line(
                    (run ? "Moments lost" : "Moments that would be lost") + ", but for tenants that are held: from "
                            + Amounts.time(range.fromTime()) + " to " + Amounts.time(range.toTime()) + ".");
        }
        if (going.keptForHolds() > 0) {
            terminal.line("Kept for tenants that are held: " + Amounts.count(going.keptForHolds(), "object") + ", "
                    + Amounts.bytes(going.keptForHoldsBytes()) + ".");
        }
    }
}
