package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveMaintenance;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate hold}. */
@Command(
        name = "hold",
        description = "Keeps a tenant's history from being removed (legal hold); without a tenant, lists the holds.")
public final class HoldVerb extends ArchiveVerb {
    @Parameters(arity = "0..1", paramLabel = "TENANT", description = "Whose history.")
    private Optional<String> tenant = Optional.empty();

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why; needed to place and to release. Stored readable for whoever can read the archive.")
    private Optional<String> reason = Optional.empty();

    @Option(names = "--release", description = "End the hold.")
    private boolean release;

    record Document(List<ArchiveReader.Hold> holds) {}

    public HoldVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        StoredArchive stored = options.open(archives);
        if (tenant.isPresent()) {
            change(stored, new TenantId(tenant.get()));
        } else if (release || reason.isPresent()) {
            throw ReinstateException.invalid(
                    "It is not said whose hold", "--release and --reason are of one tenant's", "name the tenant");
        }
        List<ArchiveReader.Hold> holds = stored.reader().holds();
        output.result(json.asked, new Document(holds), () -> show(holds));
        return 0;
    }

    private void change(StoredArchive stored, TenantId named) {
        String why = reason.filter(text -> !text.isBlank())
                .orElseThrow(() -> ReinstateException.invalid(
                        "It is not said why", "somebody will ask, years later", "add --reason TEXT"));
        try (ArchiveMaintenance maintenance = stored.maintenance()) {
            if (release) {
                maintenance.releaseHold(named, why);
            } else {
                new Tenants(stored.reader()).requireKnown(List.of(named));
                maintenance.placeHold(named, why);
            }
        }
    }

    private void show(List<ArchiveReader.Hold> holds) {
        if (holds.isEmpty()) {
            output.terminal().line("No tenant is held.");
            return;
        }
        TextTable table =
                new TextTable().text("tenant").text("held since (UTC)").text("reason");
        for (ArchiveReader.Hold hold : holds) {
            table.row(
                    hold.tenant().map(TenantId::value).orElse("(unknown)"), Amounts.time(hold.since()), hold.reason());
        }
        output.table(table);
    }
}
