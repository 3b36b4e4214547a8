package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate shred}. */
@Command(
        name = "shred",
        description = {
            "Makes everything the archive holds of a tenant unreadable for good, in two steps.",
            "Scheduled with a reason, executed when its waiting time is over. With only a tenant: says what would be lost.",
            "Without: lists erasures."
        })
public final class ShredVerb extends ArchiveVerb {
    private final Clock clock;

    @Parameters(arity = "0..1", paramLabel = "TENANT", description = "Whose history.")
    private Optional<String> tenant = Optional.empty();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description =
                    "Why; schedules the erasure, or with --cancel ends it. Stored readable for whoever can read the"
                            + " archive.")
    private Optional<String> reason = Optional.empty();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            description = "How long it can be cancelled at least (default: ${DEFAULT-VALUE}).")
    private String wait = "30d";

    @Option(names = "--cancel", description = "End a scheduled erasure.")
    private boolean cancel;

    @Option(
            names = "--execute",
            description = "Execute a scheduled erasure that is due, or finish one that was killed.")
    private boolean execute;

    @Option(
            names = "--by-clock-alone",
            description = "With --execute: believe this machine's clock although the archive's times lag behind it.")
    private boolean byClockAlone;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    record Document(List<ArchiveReader.Erasure> erasures) {}

    /** @param restorable what of the archive's moments is lost for the tenant */
    record TenantDocument(
            TenantId tenant,
            long objects,
            long sizeBytes,
            List<ArchiveState.Range> restorable,
            Optional<ArchiveReader.Hold> hold,
            Optional<ArchiveReader.Erasure> erasure) {}

    public ShredVerb(Output output, Archives archives, Clock clock) {
        super(output, archives);
        this.clock = clock;
    }

    @Override
    public Integer call() {
        StoredArchive stored = options.open(archives);
        if (tenant.isEmpty()) {
            requireNothingAsked();
            List<ArchiveReader.Erasure> erasures = stored.reader().erasures();
            output.result(json.asked, new Document(erasures), () -> list(erasures));
            return 0;
        }
        TenantId named = new TenantId(tenant.get());
        change(stored, named);
        TenantDocument document = look(stored.reader(), named);
        output.result(json.asked, document, () -> show(document));
        return 0;
    }

    private void requireNothingAsked() {
        if (reason.isPresent() || cancel || execute) {
            throw ReinstateException.invalid(
                    "It is not said whose history", "an erasure is of one tenant", "name the tenant");
        }
    }

    private void change(StoredArchive stored, TenantId named) {
        if (cancel && execute) {
            throw ReinstateException.invalid(
                    "--cancel and --execute contradict each other", "it is one or the other", "give one of them");
        }
        if (execute) {
            Consent.require(
                    output.terminal(),
                    yes,
                    "Destroy the key of " + named + "? Nobody can read its history in this archive afterwards, ever.");
            maintain(stored, maintenance -> {
                if (byClockAlone) {
                    maintenance.executeErasureByClockAlone(named);
                } else {
                    maintenance.executeErasure(named);
                }
            });
        } else if (cancel) {
            maintain(stored, maintenance -> maintenance.cancelErasure(named, why()));
        } else if (reason.isPresent()) {
            new Tenants(stored.reader()).requireKnown(List.of(named));
            Instant due = latestNow(stored.reader()).plus(Amounts.durationOf("--wait", wait, "30d"));
            maintain(stored, maintenance -> maintenance.scheduleErasure(named, due, why()));
        } else if (stored.reader().erasureOf(named).isEmpty()) {
            new Tenants(stored.reader()).requireKnown(List.of(named));
        }
    }

    private static void maintain(StoredArchive stored, Consumer<ArchiveMaintenance> change) {
        try (ArchiveMaintenance maintenance = stored.maintenance()) {
            change.accept(maintenance);
        }
    }

    private String why() {
        return reason.filter(text -> !text.isBlank())
                .orElseThrow(() -> ReinstateException.invalid(
                        "It is not said why", "somebody will ask, years later", "add --reason TEXT"));
    }

    /** A clock that was set back makes nobody wait less. */
    private Instant latestNow(ArchiveReader archive) {
        Instant now = clock.instant();
        return archive.state().durableTime().filter(now::isBefore).orElse(now);
    }

    private static TenantDocument look(ArchiveReader archive, TenantId named) {
        ArchiveReader.Footprint footprint = archive.footprint(named);
        Optional<ArchiveReader.Hold> hold = archive.holds().stream()
                .filter(known -> known.tenant().filter(named::equals).isPresent())
                .findFirst();
        return new TenantDocument(
                named, footprint.objects(), footprint.sizeBytes(), archive.ranges(), hold, archive.erasureOf(named));
    }

    private void show(TenantDocument document) {
        output.terminal()
                .line(document.tenant() + " takes " + Amounts.bytes(document.sizeBytes()) + " in "
                        + Amounts.count(document.objects(), "object") + ".");
        document.hold()
                .ifPresent(hold -> output.terminal()
                        .line("Held since " + Amounts.time(hold.since()) + ": " + hold.reason()
                                + ". It cannot be erased."));
        document.erasure().ifPresentOrElse(this::show, () -> showLoss(document));
    }

    private void show(ArchiveReader.Erasure erasure) {
        if (erasure.executed()) {
            output.terminal()
                    .line("Erased " + Amounts.time(erasure.time()) + ": " + erasure.reason() + ". Nothing of before "
                            + erasure.durableTo() + " can be restored, from this archive.");
            output.terminal()
                    .line(
                            "Copies of the archive have keys of their own: the next `reinstate copy` destroys them there.");
            return;
        }
        output.terminal()
                .line("Erasure scheduled " + Amounts.time(erasure.time()) + ", due " + Amounts.time(erasure.due())
                        + ": " + erasure.reason());
        output.terminal().line("Next: --execute when it is due, or --cancel --reason TEXT before.");
    }

    private void showLoss(TenantDocument document) {
        for (ArchiveState.Range range : document.restorable()) {
            output.terminal()
                    .line("Would be lost: every moment from " + Amounts.time(range.fromTime()) + " to "
                            + Amounts.time(range.toTime()));
        }
        output.terminal().line("Nothing is scheduled. Next: --reason TEXT, which waits " + wait + ".");
    }

    private void list(List<ArchiveReader.Erasure> erasures) {
        if (erasures.isEmpty()) {
            output.terminal().line("No tenant was erased, and none is to be.");
            return;
        }
        TextTable table =
                new TextTable().text("tenant").text("state").text("when (UTC)").text("reason");
        for (ArchiveReader.Erasure erasure : erasures) {
            Instant when = erasure.executed() ? erasure.time() : erasure.due();
            table.row(
                    erasure.tenant().map(TenantId::value).orElse("(not told any more)"),
                    erasure.executed() ? "erased" : "due",
                    Amounts.time(when),
                    erasure.reason());
        }
        output.table(table);
    }
}
