package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.NearNames;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.export.Export;
import dev.reinstate.restore.export.ExportFormat;
import dev.reinstate.restore.history.DamageFinder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate export}. */
@Command(
        name = "export",
        description = "Writes a tenant's rows of a moment into files. Needs the archive alone, no database.")
public final class ExportVerb extends ArchiveVerb {
    @Mixin
    private final MomentOptions moment = new MomentOptions();

    @Mixin
    private final BurstGapOption burstGap = new BurstGapOption();

    @Parameters(paramLabel = "TENANT")
    private String tenant = "";

    @Option(names = "--before-deletion", description = "The last moment before the tenant was deleted.")
    private boolean beforeDeletion;

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private ExportFormat format = ExportFormat.SQL;

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "A folder that is not there yet.")
    private Path directory = Path.of("");

    @Option(
            names = {"--table", "--tables"},
            split = ",",
            paramLabel = "TABLE",
            description = "Only these tables. Repeatable.")
    private List<String> tables = new ArrayList<>();

    record Document(
            TenantId tenant, Lsn position, ExportFormat format, Path directory, SortedMap<TableName, Long> rows) {}

    public ExportVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        ArchiveReader archive = options.open(archives).reader();
        TenantId wanted = new TenantId(tenant);
        new Tenants(archive).requireKnown(List.of(wanted));
        Lsn position = position(archive, wanted);
        Export.Result result = new Export(archive).write(wanted, position, format, chosen(archive), directory);
        output.result(
                json.asked,
                new Document(wanted, position, format, result.directory(), result.rows()),
                () -> show(result, position));
        return 0;
    }

    private Lsn position(ArchiveReader archive, TenantId wanted) {
        if (moment.given() + (beforeDeletion ? 1 : 0) != 1) {
            throw ReinstateException.invalid(
                    "Not one moment is asked for",
                    "exactly one of --at, --at-position and --before-deletion says as of when",
                    "see `reinstate history " + wanted + "` for the moments there are");
        }
        return moment.resolve(archive)
                .orElseGet(() ->
                        new DamageFinder(archive, burstGap.gap()).find(wanted).position());
    }

    private Predicate<TableName> chosen(ArchiveReader archive) {
        if (tables.isEmpty()) {
            return table -> true;
        }
        Set<TableName> known = archive.state().tenancyMap().rules().keySet();
        Set<TableName> wanted = new HashSet<>();
        for (String name : tables) {
            TableName table = TableName.parse(name);
            if (!known.contains(table)) {
                throw NearNames.noTable(table, known);
            }
            wanted.add(table);
        }
        return wanted::contains;
    }

    private void show(Export.Result result, Lsn position) {
        TextTable table = new TextTable().text("table").number("rows");
        result.rows().forEach((name, rows) -> table.row(name.toString(), Amounts.count(rows)));
        output.table(table);
        long rows = result.rows().values().stream().mapToLong(Long::longValue).sum();
        output.terminal()
                .line(Amounts.count(rows, "row") + " of " + tenant + " as of " + position + " are in "
                        + result.directory() + ".");
    }
}
