package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.ConfigurationReader;
import dev.reinstate.cli.config.ConfigurationWriter;
import dev.reinstate.cli.config.DatabaseUrl;
import dev.reinstate.cli.config.RuleCompression;
import dev.reinstate.cli.config.RuleText;
import dev.reinstate.cli.config.TenancyNotes;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Preflight;
import dev.reinstate.postgres.discovery.TenancyDiscovery;
import dev.reinstate.postgres.replication.SourceNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate init}. */
@Command(
        name = "init",
        description = "Looks at a database, proposes whose rows are whose, and writes the configuration.")
public final class InitVerb implements Callable<Integer> {
    private final Output output;
    private final Databases databases;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(
            names = "--url",
            required = true,
            description = "The database: jdbc:postgresql://host:5432/database, without a password.")
    private String url = "";

    @Option(names = "--user", description = "Who connects; may replicate (default: the URL's, then yours).")
    private Optional<String> user = Optional.empty();

    @Option(
            names = "--tenant-table",
            required = true,
            paramLabel = "TABLE",
            description = "The table with one row a tenant, for example public.site.")
    private String tenantTable = "";

    @Option(names = "--name", description = "Names the slot and publications (default: the database's name).")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--archive",
            paramLabel = "DIR",
            description = "Folder of the archive (default: ${DEFAULT-VALUE}, beside the configuration).")
    private Path archive = Path.of("reinstate-archive");

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Folder for what may be deleted at any time (default: ${DEFAULT-VALUE}).")
    private Path state = Path.of("reinstate-state");

    @Option(names = "--ignore", paramLabel = "TABLE", description = "Not to be captured, by decision. Repeatable.")
    private List<String> ignored = new ArrayList<>();

    @Option(names = "--shared", paramLabel = "TABLE", description = "Its rows belong to all tenants. Repeatable.")
    private List<String> shared = new ArrayList<>();

    @Option(
            names = "--rule",
            paramLabel = "TABLE=RULE",
            description = "Another rule for a table, as reinstate.yaml has it. Repeatable.")
    private Map<String, String> rules = new LinkedHashMap<>();

    @Option(names = "--overwrite", description = "Replace a configuration that is there.")
    private boolean overwrite;

    record Document(
            Path file, String database, Path archive, List<MappedTable> tables, List<Preflight.Finding> preflight) {}

    record MappedTable(TableName table, String rule, String reason, List<String> warnings, List<String> alternatives) {}

    public InitVerb(Output output, Databases databases) {
        this.output = output;
        this.databases = databases;
    }

    @Override
    public Integer call() throws SQLException {
        DatabaseUrl place = DatabaseUrl.parse(url);
        String storeName = name.orElseGet(() -> nameFor(place));
        SourceNames names = SourceNames.ofStore(storeName);
        Configuration.Store store = new Configuration.Store(
                storeName,
                place,
                user.or(place::user).orElse(System.getProperty("user.name")),
                options.passwordFile.map(Path::toAbsolutePath));
        requireFree(store);
        Database database = databases.source(store, options.passwordFile);
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            List<TenancyDiscovery.Proposal> proposals = decided(catalogue);
            TenancyMap map = TenancyDiscovery.toMap(TableName.parse(tenantTable), proposals);
            List<Preflight.Finding> findings =
                    Preflight.checkSource(connection, catalogue, map.capturedTables(), names);
            RuleCompression.Compressed brief = RuleCompression.compress(map, catalogue.members(), List.of());
            Configuration configuration = new Configuration(
                    options.config,
                    store,
                    beside(archive),
                    beside(state),
                    brief.rules(),
                    Configuration.Settings.DEFAULT);
            ConfigurationWriter.write(configuration, new TenancyNotes(reasons(proposals), brief.saidBy()));
            report(configuration, database, proposals, findings);
        }
        return 0;
    }

    private static String nameFor(DatabaseUrl place) {
        String database = place.jdbc().replaceFirst(".*/", "").replaceFirst("\\?.*", "");
        String plain = database.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]+", "_");
        return plain.substring(0, Math.min(40, plain.length()));
    }

    private Path beside(Path path) {
        Path folder = options.config.toAbsolutePath().normalize().getParent();
        return folder == null ? path : folder.resolve(path).normalize();
    }

    /** An existing configuration is kept, unless it is of this store and was waiting for tables to be mapped. */
    private void requireFree(Configuration.Store store) {
        if (overwrite || !Files.exists(options.config)) {
            return;
        }
        Configuration there = ConfigurationReader.read(options.config);
        boolean unfinished = there.store().url().jdbc().equals(store.url().jdbc())
                && there.tenancy().tables().values().stream().anyMatch(TableRule.Unmapped.class::isInstance);
        if (!unfinished) {
            throw ReinstateException.refused(
                    options.config + " is already there",
                    "it may hold decisions about whose rows are whose",
                    "edit it, name another with --config, or replace it with --overwrite");
        }
    }

    private List<TenancyDiscovery.Proposal> decided(Catalogue catalogue) {
        Map<TableName, TableRule> decisions = new LinkedHashMap<>();
        ignored.forEach(table -> decisions.put(named(catalogue, table), new TableRule.Ignored()));
        shared.forEach(table -> decisions.put(named(catalogue, table), new TableRule.Shared()));
        rules.forEach((table, text) -> decisions.put(
                named(catalogue, table),
                RuleText.parse(text)
                        .orElseThrow(() -> ReinstateException.invalid(
                                "\"" + text + "\" is not a rule",
                                "rules are " + RuleText.FORMS,
                                "mend --rule " + table + "=…"))));
        return TenancyDiscovery.propose(catalogue, TableName.parse(tenantTable)).stream()
                .map(proposal -> decisions.containsKey(proposal.table())
                        ? byDecision(proposal, decisions.get(proposal.table()))
                        : proposal)
                .toList();
    }

    private static TableName named(Catalogue catalogue, String table) {
        TableName wanted = TableName.parse(table);
        return catalogue
                .table(wanted)
                .orElseThrow(() -> NearNames.noTable(
                        wanted, catalogue.tables().stream().map(Table::name).toList()))
                .name();
    }

    private static TenancyDiscovery.Proposal byDecision(TenancyDiscovery.Proposal proposal, TableRule rule) {
        return new TenancyDiscovery.Proposal(
                proposal.table(), rule, "told so at init", proposal.warnings(), proposal.alternatives());
    }

    private static Map<TableName, String> reasons(List<TenancyDiscovery.Proposal> proposals) {
        return proposals.stream()
                .collect(Collectors.toMap(TenancyDiscovery.Proposal::table, TenancyDiscovery.Proposal::reason));
    }

    private void report(
            Configuration configuration,
            Database database,
            List<TenancyDiscovery.Proposal> proposals,
            List<Preflight.Finding> findings) {
        List<TenancyDiscovery.Proposal> unmapped = proposals.stream()
                .filter(proposal -> proposal.rule() instanceof TableRule.Unmapped)
                .toList();
        boolean missing = findings.stream().anyMatch(finding -> finding.status() == Preflight.Status.MISSING);
        if (!json.asked) {
            showTables(proposals);
            showFindings(findings);
        }
        if (!unmapped.isEmpty()) {
            throw unmapped(configuration, unmapped);
        }
        if (missing) {
            throw missing(database, findings);
        }
        output.result(
                json.asked,
                new Document(
                        configuration.file(),
                        database.displayName(),
                        configuration.archive(),
                        proposals.stream().map(InitVerb::document).toList(),
                        findings),
                () -> {
                    output.terminal().line("");
                    output.terminal()
                            .line("Wrote " + configuration.file() + ". Next: read its tenancy map, then run"
                                    + " `reinstate protect`.");
                });
    }

    private static MappedTable document(TenancyDiscovery.Proposal proposal) {
        return new MappedTable(
                proposal.table(),
                RuleText.of(proposal.rule()),
                proposal.reason(),
                proposal.warnings(),
                proposal.alternatives());
    }

    private void showTables(List<TenancyDiscovery.Proposal> proposals) {
        Terminal terminal = output.terminal();
        TextTable table = new TextTable().text("table").text("whose rows").text("why");
        for (TenancyDiscovery.Proposal proposal : proposals) {
            boolean unmapped = proposal.rule() instanceof TableRule.Unmapped;
            String rule = RuleText.of(proposal.rule());
            table.row(
                    proposal.table().toString(),
                    unmapped ? terminal.onOut(Terminal.Style.BAD, rule) : rule,
                    proposal.reason());
        }
        output.table(table);
        for (TenancyDiscovery.Proposal proposal : proposals) {
            proposal.warnings()
                    .forEach(warning -> terminal.line(
                            terminal.onOut(Terminal.Style.WARN, "look at ") + proposal.table() + ": " + warning));
        }
    }

    private void showFindings(List<Preflight.Finding> findings) {
        Terminal terminal = output.terminal();
        terminal.line("");
        TextTable table = new TextTable().text("the source must").text("").text("found");
        for (Preflight.Finding finding : findings) {
            table.row(finding.need(), status(finding.status()), finding.found());
        }
        output.table(table);
        List<String> sql = findings.stream()
                .flatMap(finding -> finding.sql().stream())
                .distinct()
                .toList();
        if (!sql.isEmpty()) {
            terminal.line("");
            terminal.line("For the owner of the tables or a DBA:");
            sql.forEach(statement -> terminal.line("    " + statement));
        }
    }

    private String status(Preflight.Status status) {
        return switch (status) {
            case OK -> output.terminal().onOut(Terminal.Style.GOOD, "ok");
            case DEGRADED -> output.terminal().onOut(Terminal.Style.WARN, "degraded");
            case MISSING -> output.terminal().onOut(Terminal.Style.BAD, "missing");
        };
    }

    private static ReinstateException unmapped(Configuration configuration, List<TenancyDiscovery.Proposal> unmapped) {
        return new ReinstateException(
                FailureKind.REFUSED,
                unmapped.size() == 1 ? "1 table is unmapped" : unmapped.size() + " tables are unmapped",
                "it is not clear whose rows they hold, and rows of no known owner cannot be brought back with a tenant",
                "give each a rule in " + configuration.file()
                        + ", or run init again with --ignore TABLE, --shared TABLE or"
                        + " --rule 'TABLE=RULE' for each",
                unmapped.stream()
                        .map(table -> table.table() + ": " + table.reason())
                        .toList(),
                null);
    }

    private static ReinstateException missing(Database database, List<Preflight.Finding> findings) {
        List<String> details = new ArrayList<>();
        findings.stream()
                .filter(finding -> finding.status() == Preflight.Status.MISSING)
                .forEach(finding -> {
                    details.add(finding.need() + ": " + finding.found());
                    finding.sql().forEach(statement -> details.add("    " + statement));
                });
        return new ReinstateException(
                FailureKind.REFUSED,
                database.displayName() + " cannot be protected yet",
                "what is listed below is missing",
                "have the statements run by an owner or DBA, then run `reinstate protect`: the configuration is written",
                details,
                null);
    }
}
