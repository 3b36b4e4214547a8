package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.TenantSummary;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.ProgressBar;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TenantId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code reinstate tenants}. */
@Command(name = "tenants", description = "Lists the tenants the archive knows: who is there, who is gone.")
public final class TenantsVerb extends ArchiveVerb {
    @Option(names = "--gone", description = "Only those that are gone.")
    private boolean goneOnly;

    record Document(Lsn durableTo, Optional<Instant> durableTime, List<Entry> tenants) {}

    record Entry(TenantId tenant, boolean gone, long rows, Lsn lastChange, Instant lastChangeTime) {}

    public TenantsVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        ArchiveReader archive = options.open(archives).reader();
        List<Entry> entries = entries(archive);
        ArchiveState state = archive.state();
        output.result(
                json.asked, new Document(state.durableTo(), state.durableTime(), entries), () -> show(state, entries));
        return 0;
    }

    private List<Entry> entries(ArchiveReader archive) {
        Tenants tenants = new Tenants(archive);
        List<TenantSummary> summaries = archive.tenants();
        List<Entry> entries = new ArrayList<>();
        try (ProgressBar bar = new ProgressBar(
                output.terminal(), System::nanoTime, "looking at tenants", summaries.size(), Amounts::count)) {
            for (TenantSummary tenant : summaries) {
                boolean gone = tenants.isGone(tenant);
                bar.advance(1);
                if (gone || !goneOnly) {
                    entries.add(new Entry(
                            tenant.tenant(), gone, tenant.rows(), tenant.lastChange(), tenant.lastChangeTime()));
                }
            }
        }
        return entries;
    }

    private void show(ArchiveState state, List<Entry> entries) {
        Terminal terminal = output.terminal();
        TextTable table = new TextTable()
                .text("tenant")
                .text("")
                .number("rows")
                .text("last change (UTC)")
                .text("at position");
        for (Entry entry : entries) {
            table.row(
                    entry.tenant().value(),
                    entry.gone() ? terminal.onOut(Terminal.Style.BAD, "gone") : "",
                    Amounts.count(entry.rows()),
                    Amounts.time(entry.lastChangeTime()),
                    entry.lastChange().toString());
        }
        if (!table.isEmpty()) {
            output.table(table);
        }
        long gone = entries.stream().filter(Entry::gone).count();
        String asOf =
                state.durableTime().map(time -> ", as of " + Amounts.time(time)).orElse("");
        terminal.line(Amounts.count(entries.size(), "tenant") + ", " + gone + " gone" + asOf + ".");
        if (gone > 0) {
            terminal.line(
                    "`reinstate history` says how they went, `reinstate restore TENANT --before-deletion --dry-run`"
                            + " what would bring one back.");
        }
    }
}
