package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.restore.receipt.Isolation;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.ReceiptJson;
import dev.reinstate.restore.receipt.Receipts;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate receipt}. */
@Command(
        name = "receipt",
        description = {
            "Shows a receipt, and completes it with the proof that nobody else was touched once capture has passed it.",
            "Without an id: lists the receipts in the archive."
        },
        subcommands = {ReceiptVerifyVerb.class, ReceiptExportVerb.class})
public final class ReceiptVerb extends ArchiveVerb {
    private final Clock clock;
    private final RandomGenerator random;

    @Parameters(arity = "0..1", paramLabel = "ID")
    private Optional<String> id = Optional.empty();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            description = "How long to wait for the proof (default: not at all).")
    private String wait = "0s";

    public ReceiptVerb(Output output, Archives archives, Clock clock, RandomGenerator random) {
        super(output, archives);
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Integer call() throws InterruptedException {
        Duration patience = Amounts.durationOf("--wait", wait, "30s");
        StoredArchive stored = options.open(archives);
        Receipts receipts = new Receipts(stored.receipts(), stored.reader(), clock, random);
        if (id.isEmpty()) {
            List<String> ids = receipts.ids();
            print(Map.of("receipts", ids), () -> {
                ids.forEach(output.terminal()::line);
                output.terminal().line(Amounts.count(ids.size(), "receipt") + ".");
            });
            return 0;
        }
        Receipt receipt = receipts.get(id.get());
        Isolation isolation = receipts.complete(id.get(), patience);
        print(Map.of("receipt", receipt, "otherTenants", isolation), () -> show(receipt, isolation));
        return isolation.state() == Isolation.State.VIOLATED ? 1 : 0;
    }

    /** In the words of the stored document, which scripts may know already. */
    private void print(Object document, Runnable text) {
        if (json.asked) {
            output.terminal()
                    .line(ReceiptJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(document));
        } else {
            text.run();
        }
    }

    private void show(Receipt receipt, Isolation isolation) {
        output.heading("Receipt " + receipt.id());
        output.terminal()
                .line("restored " + Amounts.time(receipt.createdAt()) + " into " + receipt.target() + ", policy "
                        + receipt.policy().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        receipt.damage()
                .forEach(met -> output.terminal()
                        .line("damaged in the archive, and done without: " + met.damaged() + "; " + met.instead()));
        receipt.tenants().forEach(this::show);
        new RestoreReport(output, Map.of()).isolation(isolation);
        isolation.findings().forEach(finding -> output.terminal().line("    " + finding));
    }

    private void show(Receipt.Tenant tenant) {
        output.terminal().line("");
        output.heading(tenant.tenant() + "  "
                + tenant.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                + "  as of " + tenant.moment().position()
                + tenant.transaction()
                        .map(done ->
                                "  transaction " + done.xid() + ", committed " + Amounts.exactTime(done.committedAt()))
                        .orElse(""));
        TextTable table = new TextTable()
                .text("table")
                .number("inserted")
                .number("updated")
                .number("deleted")
                .number("already right")
                .number("rows read back")
                .text("their hash");
        for (Receipt.Table line : tenant.tables()) {
            table.row(
                    line.table().toString(),
                    Amounts.count(line.inserted()),
                    Amounts.count(line.updated()),
                    Amounts.count(line.deleted()),
                    Amounts.count(line.alreadyRight()),
                    Amounts.count(line.now().rows()),
                    line.now().sum().substring(0, 16));
        }
        if (!table.isEmpty()) {
            output.table(table);
        }
        tenant.archived()
                .ifPresent(archived -> output.terminal()
                        .line("in the archive: "
                                + Amounts.count(
                                        archived.tables().stream()
                                                .mapToLong(Receipt.ArchivedTable::rows)
                                                .sum(),
                                        "row")
                                + archived.verifiedAgainst()
                                        .map(image -> ", held against the hashes kept with the image at " + image)
                                        .orElse("; no content hash was kept to hold them against")));
        tenant.shared()
                .forEach(shared -> output.terminal()
                        .line("shared rows of " + shared.table() + " that they refer to: "
                                + Amounts.count(shared.inserted()) + " brought back, "
                                + Amounts.count(shared.alreadyThere()) + " there by then"));
        tenant.failure()
                .ifPresent(failure ->
                        output.terminal().line(failure.what() + ": " + failure.why() + ". Next: " + failure.next()));
    }
}
