package dev.reinstate.cli.verb;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.InterruptedNotice;
import dev.reinstate.cli.wiring.Witnesses;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Database;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.RestoreSettings;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.receipt.MetDamage;
import dev.reinstate.restore.receipt.Moment;
import dev.reinstate.restore.receipt.Receipts;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate restore}. */
@Command(
        name = "restore",
        description = {
            "Brings tenants back as they were, one transaction a tenant, verified by reading back.",
            "Shows the plan, asks, writes, prints and stores the receipt. Interrupted, every tenant is fully back or",
            "untouched; run it again."
        })
public final class RestoreVerb extends ArchiveVerb {
    private final Databases databases;
    private final Clock clock;
    private final RandomGenerator random;

    @Mixin
    private final MomentOptions moment = new MomentOptions();

    @Mixin
    private final BurstGapOption burstGap = new BurstGapOption();

    @Mixin
    private final TargetOptions to = new TargetOptions();

    @Mixin
    private final ChangeOptions changes = new ChangeOptions();

    @ArgGroup(exclusive = true)
    private PolicyOptions policy = new PolicyOptions();

    @Parameters(paramLabel = "TENANT", arity = "0..*")
    private List<String> named = new ArrayList<>();

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Also the tenants listed in a file, one a line; - is standard input.")
    private Optional<Path> from = Optional.empty();

    @Option(
            names = "--before-deletion",
            description = "The last moment before each tenant's own deletion, found in its history.")
    private boolean beforeDeletion;

    @Option(names = "--same-moment", description = "With --before-deletion: the earliest of these moments for all.")
    private boolean sameMoment;

    @Option(
            names = "--leave-out",
            paramLabel = "TABLE",
            description = "A table (schema.table) or column (schema.table.column) not to bring back. Repeatable.")
    private List<String> leaveOut = new ArrayList<>();

    @Option(
            names = "--create-schema",
            description = {
                "With --to an empty database: first make the captured tables there as they were at the moment, with their",
                "types, sequences, keys, indexes and constraints; all of them or none."
            })
    private boolean createSchema;

    @Option(names = "--dry-run", description = "Show the plan and stop.")
    private boolean dryRun;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "Tenants restored at a time (default: ${DEFAULT-VALUE}).")
    private int parallel = 4;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--proof-within",
            paramLabel = "DURATION",
            description = "How long to wait for capture to prove that nobody else was touched (default: 15s).")
    private String proofWithin = "15s";

    public RestoreVerb(Output output, Archives archives, Databases databases, Clock clock, RandomGenerator random) {
        super(output, archives);
        this.databases = databases;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Integer call() throws InterruptedException {
        requireSensible();
        Optional<Configuration> configuration = options.configuration();
        List<TenantId> tenants = TenantList.read(named, from, output.terminal().in());
        StoredArchive opened = options.open(archives, configuration).sharedBy(Math.clamp(tenants.size(), 1, parallel));
        MetDamage damage = new MetDamage(opened.settings().damage());
        StoredArchive stored =
                new StoredArchive(opened.objects(), opened.settings().withDamageListener(damage));
        ArchiveReader archive = stored.reader();
        new Tenants(archive).requireKnown(tenants);
        Map<TenantId, Moment> moments = moments(archive, tenants);
        Database database = to.database(databases, configuration);
        configuration.ifPresent(found -> Witnesses.warn(
                output.terminal(),
                archive,
                to.isGiven() ? Witnesses.local(found) : Witnesses.ask(() -> database, found)));
        if (createSchema) {
            Lsn latest = moments.values().stream()
                    .map(Moment::position)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            new SchemaCreation(archive, database, output.terminal()).carryOut(latest, yes);
        }
        try (RestoreScreen screen = new RestoreScreen(output.terminal());
                InterruptedNotice notice = InterruptedNotice.until(
                        output.terminal(),
                        "interrupted: every tenant is fully back or untouched; run the same command again to finish")) {
            RestoreRun run = RestoreRun.open(archive, database, settings(stored, configuration), screen);
            if (!to.isGiven()) {
                requireSameStore(archive, database, run);
            }
            Receipts receipts = new Receipts(stored.receipts(), archive, clock, random);
            Restoration.Orders orders = new Restoration.Orders(dryRun, yes, json.asked, proofPatience());
            return new Restoration(output, orders, clock, screen, run, receipts, damage)
                    .carryOut(archive.state().store(), database.displayName(), requests(moments), moments);
        }
    }

    private void requireSensible() {
        int moments = moment.given() + (beforeDeletion ? 1 : 0);
        if (moments != 1) {
            throw ReinstateException.invalid(
                    moments == 0 ? "It is not said which moment to restore to" : "More than one moment is asked for",
                    "exactly one of --at, --at-position and --before-deletion says as of when",
                    "see `reinstate history TENANT` for the moments there are");
        }
        if (sameMoment && !beforeDeletion) {
            throw ReinstateException.invalid(
                    "--same-moment needs --before-deletion",
                    "it makes one moment of those found for each tenant",
                    "leave it out: --at and --at-position are one moment for all anyway");
        }
        if (createSchema && (!to.isGiven() || dryRun)) {
            throw ReinstateException.invalid(
                    dryRun ? "--create-schema does not go with --dry-run" : "--create-schema needs --to",
                    dryRun
                            ? "a plan compares with the tables, which are not there yet"
                            : "tables are made in an empty database only, never in the source",
                    dryRun
                            ? "see with `reinstate schema` what would be made"
                            : "name the empty database with --to URL");
        }
        if (parallel < 1 || parallel > 64) {
            throw ReinstateException.invalid(
                    "--parallel " + parallel, "1 to 64 tenants can be restored at a time", "give another number");
        }
        proofPatience();
    }

    private Duration proofPatience() {
        return Amounts.durationOf("--proof-within", proofWithin, "15s or 0s");
    }

    private Map<TenantId, Moment> moments(ArchiveReader archive, List<TenantId> tenants) {
        RestoreMoments choice = new RestoreMoments(archive, output.terminal());
        return beforeDeletion
                ? choice.beforeDeletion(tenants, burstGap.gap(), sameMoment)
                : choice.asked(tenants, moment);
    }

    private List<RestoreRequest> requests(Map<TenantId, Moment> moments) {
        List<RestoreRequest> requests = new ArrayList<>();
        moments.forEach((tenant, chosen) -> requests.add(new RestoreRequest(
                tenant, chosen.position(), policy.policy(), changes.references(), Set.copyOf(leaveOut))));
        return requests;
    }

    private RestoreSettings settings(StoredArchive stored, Optional<Configuration> configuration) {
        Path folder = configuration
                .map(found -> found.file().toAbsolutePath().getParent())
                .orElseGet(() -> Path.of("").toAbsolutePath());
        return new RestoreSettings(
                () -> Archive.rowSorter(stored.settings()),
                ArchiveOptions.temporary(configuration),
                folder.resolve("reinstate-saved"),
                parallel,
                changes.schema());
    }

    private static void requireSameStore(ArchiveReader archive, Database database, RestoreRun run) {
        if (!run.isSameStore()) {
            throw ReinstateException.refused(
                    "The archive is of another store than " + database.displayName(),
                    "the archive is of " + archive.state().store() + ", the database is " + run.target()
                            + " (system identifier/timeline/database)",
                    "check url and archive in the configuration; to restore into another database on purpose, name it"
                            + " with --to");
        }
    }
}
