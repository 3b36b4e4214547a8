package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.ConfigurationReader;
import dev.reinstate.cli.config.ConfigurationWriter;
import dev.reinstate.cli.config.DatabaseUrl;
import dev.reinstate.cli.config.Encryption;
import dev.reinstate.cli.config.RuleCompression;
import dev.reinstate.cli.config.TenancyNotes;
import dev.reinstate.cli.coverage.Coverage;
import dev.reinstate.cli.coverage.CoveragePage;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.keys.aws.KmsMasterKey;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.discovery.CoverageReport;
import dev.reinstate.postgres.discovery.DataChecks;
import dev.reinstate.postgres.discovery.Given;
import dev.reinstate.postgres.discovery.Preflight;
import dev.reinstate.postgres.discovery.Proposal;
import dev.reinstate.postgres.discovery.SchemaPatterns;
import dev.reinstate.postgres.discovery.TenancyDiscovery;
import dev.reinstate.postgres.discovery.TenantTableCandidates;
import dev.reinstate.postgres.replication.SourceNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate init}. */
@Command(
        name = "init",
        description = {
            "Looks at a database, proposes whose rows are whose, and writes the configuration and a report of it.",
            "With --check: holds an existing configuration against the database as it is now; writes nothing."
        })
public final class InitVerb implements Callable<Integer> {
    private final Output output;
    private final Databases databases;
    private final Archives archives;
    private final Clock clock;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Mixin
    private final LookOptions look = new LookOptions();

    @Option(
            names = "--check",
            description = "Name new, vanished and changed tables; exit code 1 when something needs attention.")
    private boolean check;

    @Option(names = "--url", description = "The database: jdbc:postgresql://host:5432/database, without a password.")
    private Optional<String> url = Optional.empty();

    @Option(names = "--user", description = "Who connects; may replicate (default: the URL's, then yours).")
    private Optional<String> user = Optional.empty();

    @Option(
            names = "--tenant-table",
            paramLabel = "TABLE",
            description = "The table with one row a tenant, for example public.site (default: proposed, with reasons).")
    private Optional<String> tenantTable = Optional.empty();

    @Option(
            names = "--tenant-schemas",
            paramLabel = "PATTERN",
            description = "Each tenant has a schema of this name, for example 'tenant_{tenant}'.")
    private Optional<String> tenantSchemas = Optional.empty();

    @Option(names = "--name", description = "Names the slot and publications (default: the database's name).")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--archive",
            paramLabel = "PLACE",
            description = "Folder of the archive, or s3://bucket/prefix (default: ${DEFAULT-VALUE}, beside the"
                    + " configuration).")
    private String archive = "reinstate-archive";

    @Mixin
    private final KeyOptions key = new KeyOptions();

    @Option(
            names = "--kms-key",
            paramLabel = "ARN",
            description = "A key of AWS KMS to encrypt the archive with, instead of a key file.")
    private Optional<String> kmsKey = Optional.empty();

    @Option(names = "--unencrypted", description = "Make an archive that anybody who gets at it can read.")
    private boolean unencrypted;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Folder for what may be deleted at any time (default: ${DEFAULT-VALUE}).")
    private Path state = Path.of("reinstate-state");

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "The report as one HTML page (default: reinstate-coverage.html beside the configuration;"
                    + " with --check none).")
    private Optional<Path> report = Optional.empty();

    @Option(
            names = "--ignore",
            paramLabel = "TABLE",
            description = "Not to be captured, by decision; also a pattern: 'public.*_archive'. Repeatable.")
    private List<String> ignored = new ArrayList<>();

    @Option(
            names = "--shared",
            paramLabel = "TABLE",
            description = "Its rows belong to all tenants; also a pattern. Repeatable.")
    private List<String> shared = new ArrayList<>();

    @Option(
            names = "--rule",
            paramLabel = "TABLE=RULE",
            description = "Another rule for a table or pattern, as reinstate.yaml has it. Repeatable.")
    private Map<String, String> rules = new LinkedHashMap<>();

    @Option(names = "--overwrite", description = "Replace a configuration that is there, and what was decided in it.")
    private boolean overwrite;

    public InitVerb(Output output, Databases databases, Archives archives, Clock clock) {
        this.output = output;
        this.databases = databases;
        this.archives = archives;
        this.clock = clock;
    }

    @Override
    public Integer call() throws SQLException {
        if (check) {
            requireNothingElse();
            Configuration configuration = ConfigurationReader.read(options.config);
            Database database = databases.source(configuration.store(), options.passwordFile);
            return new InitCheck(output, clock, json.asked).run(configuration, database, look, report);
        }
        Configuration.Store store = store();
        ArchivePlace place = ArchivePlace.parse(archive, this::beside);
        Optional<Configuration> before = unfinished(store);
        Database database = databases.source(store, options.passwordFile);
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            TenantChoice.Chosen tenants = withTenantTable(connection, catalogue, tenants(catalogue, before));
            Decisions decisions = decisions(catalogue, tenants, before);
            Given given = new Given(tenants.table(), tenants.schemas(), decisions.tables());
            DataChecks.Checked checked =
                    DataChecks.check(connection, catalogue, given, look.limits(output.terminal(), catalogue));
            TenancyMap map = TenancyDiscovery.toMap(given, checked.proposals());
            RuleCompression.Compressed brief = RuleCompression.compress(map, catalogue.members(), decisions.patterns());
            TenancyRules tenancy = brief.rules()
                    .excluding(before.map(there -> there.tenancy().exclusions()).orElse(List.of()));
            Configuration configuration = new Configuration(
                    options.config,
                    store,
                    place,
                    encryption(before),
                    beside(state),
                    tenancy,
                    Configuration.Settings.DEFAULT);
            List<Preflight.Finding> findings = Preflight.checkSource(
                    connection, catalogue, map.capturedTables(), SourceNames.ofStore(store.name()));
            if (!archives.exists(configuration.archive())) {
                archives.masterKeys()
                        .writeIfAbsent(configuration.encryption())
                        .ifPresent(file -> KeyNotice.show(output.terminal(), file));
            }
            ConfigurationWriter.write(configuration, new TenancyNotes(reasons(checked.proposals()), brief.saidBy()));
            Coverage coverage = new Coverage(
                    database.displayName(),
                    clock.instant(),
                    tenancy,
                    catalogue,
                    CoverageReport.of(catalogue, checked.proposals(), checked.rows()));
            Path page = report.orElseGet(() -> beside(Path.of("reinstate-coverage.html")));
            CoveragePage.write(page, coverage);
            new InitReport(output, json.asked, configuration, coverage, page).tell(checked.proposals(), findings);
        }
        return 0;
    }

    private void requireNothingElse() {
        boolean others = url.isPresent()
                || tenantTable.isPresent()
                || tenantSchemas.isPresent()
                || overwrite
                || !(ignored.isEmpty() && shared.isEmpty() && rules.isEmpty());
        if (others) {
            throw ReinstateException.invalid(
                    "--check takes no option that decides something",
                    "it holds " + options.config + " against the database and writes nothing",
                    "edit the file, then check it");
        }
    }

    private Configuration.Store store() {
        DatabaseUrl place = DatabaseUrl.parse(url.orElseThrow(() -> ReinstateException.invalid(
                "--url is missing",
                "it names the database to look at",
                "give it as --url jdbc:postgresql://host:5432/database, and --tenant-table if you know the table; or check"
                        + " a configuration that is there with --check")));
        return new Configuration.Store(
                name.orElseGet(() -> nameFor(place)),
                place,
                user.or(place::user).orElse(System.getProperty("user.name")),
                options.passwordFile.map(Path::toAbsolutePath));
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

    private Encryption encryption(Optional<Configuration> before) {
        if (unencrypted) {
            return new Encryption.None();
        }
        if (kmsKey.isPresent()) {
            return new Encryption.InKms(KmsMasterKey.of(kmsKey.get()).id());
        }
        return archives.masterKeys()
                .choice(
                        key.keyFile.map(Path::toAbsolutePath).map(Path::normalize),
                        before.map(Configuration::encryption)
                                .orElseGet(
                                        () -> new Encryption.InKeyFile(beside(Path.of(Encryption.DEFAULT_KEY_FILE)))));
    }

    /** An existing configuration is kept, unless it is of this store and was waiting for tables to be mapped. */
    private Optional<Configuration> unfinished(Configuration.Store store) {
        if (overwrite || !Files.exists(options.config)) {
            return Optional.empty();
        }
        Configuration there = ConfigurationReader.read(options.config);
        boolean unfinished = there.store().url().jdbc().equals(store.url().jdbc())
                && there.tenancy().tables().values().stream().anyMatch(TableRule.Unmapped.class::isInstance);
        if (!unfinished) {
            throw ReinstateException.refused(
                    options.config + " is already there",
                    "it may hold decisions about whose rows are whose",
                    "check it with --check and edit it, name another with --config, or replace it with --overwrite");
        }
        return Optional.of(there);
    }

    private TenantChoice.Chosen tenants(Catalogue catalogue, Optional<Configuration> before) {
        if (tenantTable.isPresent() || tenantSchemas.isPresent()) {
            return new TenantChoice.Chosen(tenantTable.map(TableName::parse), tenantSchemas.map(SchemaPattern::new));
        }
        return before.map(there -> new TenantChoice.Chosen(
                        there.tenancy().tenantTable(), there.tenancy().tenantSchemas()))
                .orElseGet(() -> new TenantChoice(output.terminal(), catalogue).choose());
    }

    /** Where tenants have schemas, also the table that has a row for each of them, if there is one. */
    private static TenantChoice.Chosen withTenantTable(
            Connection connection, Catalogue catalogue, TenantChoice.Chosen chosen) {
        Optional<TableName> table = chosen.table()
                .or(() -> chosen.schemas()
                        .flatMap(pattern -> SchemaPatterns.tenantTable(connection, catalogue, pattern))
                        .map(TenantTableCandidates.Candidate::table));
        return new TenantChoice.Chosen(table, chosen.schemas());
    }

    private Decisions decisions(Catalogue catalogue, TenantChoice.Chosen tenants, Optional<Configuration> before) {
        Decisions decisions = new Decisions(catalogue);
        ignored.forEach(table -> decisions.add(table, new TableRule.Ignored()));
        shared.forEach(table -> decisions.add(table, new TableRule.Shared()));
        rules.forEach(decisions::add);
        before.map(Configuration::tenancy)
                .filter(there -> there.tenantTable().equals(tenants.table())
                        && there.tenantSchemas().equals(tenants.schemas()))
                .ifPresent(decisions::keep);
        return decisions;
    }

    /** What a rule does not say itself. */
    private static Map<TableName, String> reasons(List<Proposal> proposals) {
        Map<TableName, String> reasons = new LinkedHashMap<>();
        for (Proposal proposal : proposals) {
            boolean plain = proposal.rule().isOwned()
                    && !(proposal.rule() instanceof TableRule.ByType)
                    && !(proposal.rule() instanceof TableRule.ByPaths);
            if (!plain) {
                reasons.put(proposal.table(), proposal.reason());
            } else if (!proposal.warnings().isEmpty()) {
                reasons.put(proposal.table(), "look at: " + String.join("; ", proposal.warnings()));
            }
        }
        return reasons;
    }
}
