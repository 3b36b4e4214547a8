package dev.reinstate.cli.verb;

import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.protection.KnownHeads;
import dev.reinstate.capture.protection.Protection;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.ConfigurationReader;
import dev.reinstate.cli.metrics.CaptureMetrics;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.FailurePrinter;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.wiring.BackgroundMaintenance;
import dev.reinstate.cli.wiring.CaptureStore;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.cli.wiring.GracefulStop;
import dev.reinstate.cli.wiring.MaintenanceListener;
import dev.reinstate.cli.wiring.MaintenanceRate;
import dev.reinstate.cli.wiring.MasterKeys;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Preflight;
import dev.reinstate.postgres.replication.SourceNames;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate protect}. */
@Command(
        name = "protect",
        description = {
            "Takes the first image, then captures every change, until it is stopped.",
            "Safe to kill at any moment and to start again. SIGTERM and Ctrl-C stop it after the changes at hand are durable."
        })
public final class ProtectVerb implements Callable<Integer> {
    private static final int NAMED = 5;
    private static final Duration METRICS_INTERVAL = Duration.ofSeconds(5);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

    private final Output output;
    private final Databases databases;
    private final MasterKeys masterKeys;
    private final Clock clock;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final KeyOptions key = new KeyOptions();

    @Option(
            names = "--segment-interval",
            paramLabel = "DURATION",
            description = "How often changes are made durable, for example 2s (default: the configuration's).")
    private Optional<String> segmentInterval = Optional.empty();

    @Option(
            names = "--let-go-after",
            paramLabel = "SIZE",
            description = "Log the source may keep for us, for example 20GB; beyond it we let go and record a gap.")
    private Optional<String> letGoAfter = Optional.empty();

    @Option(
            names = "--metrics",
            paramLabel = "FILE",
            description = "Keep figures for an alarm in this file, in Prometheus' text format, renewed every 5 s.")
    private Optional<Path> metrics = Optional.empty();

    @Option(
            names = "--image-rate",
            paramLabel = "SIZE",
            description = "Read an image no faster than so many bytes a second, for example 50MB (default: no limit)."
                    + " The longer it takes, the longer the source cannot clean up dead rows.")
    private Optional<String> imageRate = Optional.empty();

    @Option(names = "--new-image", description = "Take a new image; what lies before it and was not captured is a gap.")
    private boolean newImage;

    @Option(
            names = "--maintenance-rate",
            paramLabel = "SIZE",
            description = "Bytes a second that merging and removing may read and write (default: the configuration's).")
    private Optional<String> maintenanceRate = Optional.empty();

    @Option(
            names = "--no-maintenance",
            description = "Merge and remove nothing here; run `reinstate compact` and `retention` elsewhere.")
    private boolean noMaintenance;

    @Option(
            names = "--accept-loss",
            description = "Go on although the archive lacks what it once held: records a gap and takes a new image.")
    private boolean acceptLoss;

    public ProtectVerb(Output output, Databases databases, MasterKeys masterKeys, Clock clock) {
        this.output = output;
        this.databases = databases;
        this.masterKeys = masterKeys;
        this.clock = clock;
    }

    @Override
    public Integer call() throws SQLException {
        Configuration configuration = ConfigurationReader.read(options.config);
        requireMapped(configuration);
        CaptureSettings settings = settings(configuration);
        Database database = databases.source(configuration.store(), options.passwordFile);
        CaptureStore archive =
                new CaptureStore(configuration, masterKeys, masterKeys.choice(key.keyFile, configuration.encryption()));
        try (Connection connection = database.connect()) {
            SourceTables tables = SourceTables.of(Catalogue.read(connection), configuration.tenancy());
            requireCapturable(tables);
            requireReady(connection, database, tables, settings.names());
            sayWithoutRule(tables);
            if (!acceptLoss && !archive.exists()) {
                KnownHeads.requireNone(connection, settings.names());
            }
            archive.createIfAbsent(Database.identity(connection), tables.map())
                    .ifPresent(file -> KeyNotice.show(output.terminal(), file));
        }
        try (ProtectScreen screen = new ProtectScreen(output.terminal(), clock);
                CaptureMetrics figures = metrics.map(this::startFigures).orElse(null);
                BackgroundMaintenance maintenance = maintenance(configuration, archive, screen, figures)) {
            if (!noMaintenance) {
                maintenance.start();
            }
            Protection protection = new Protection(
                    database,
                    archive,
                    configuration.tenancy(),
                    settings,
                    figures == null ? screen : CaptureListener.all(List.of(screen, figures)));
            try (GracefulStop stop = GracefulStop.onSignal(protection::stop, STOP_PATIENCE)) {
                output.terminal().note("protecting " + database.displayName() + " into " + configuration.archive());
                run(protection, screen, stop);
            }
        }
        return 0;
    }

    private BackgroundMaintenance maintenance(
            Configuration configuration, CaptureStore archive, ProtectScreen screen, @Nullable CaptureMetrics figures) {
        Configuration.Maintenance settings = configuration.settings().maintenance();
        MaintenanceRate rate = maintenanceRate
                .map(text -> MaintenanceRate.of("--maintenance-rate", text))
                .orElse(new MaintenanceRate(settings.bytesPerSecond()));
        return new BackgroundMaintenance(
                () -> archive.openMaintenance(rate),
                settings.retention().policy(),
                settings.retention().grace(),
                figures == null || noMaintenance
                        ? screen
                        : MaintenanceListener.all(List.of(screen, figures.ofMaintenance())));
    }

    private CaptureMetrics startFigures(Path file) {
        CaptureMetrics figures =
                new CaptureMetrics(file, clock, failure -> output.terminal().note("warning: " + failure.getMessage()));
        figures.start(METRICS_INTERVAL);
        return figures;
    }

    private void run(Protection protection, ProtectScreen screen, GracefulStop stop) {
        try {
            protection.run();
            screen.close();
            output.terminal().note("stopped; what was committed until then is durable");
            stop.finished(0);
        } catch (ReinstateException e) {
            screen.close();
            if (stop.isRequested()) { // nobody prints it any more once the process may end
                stop.finished(new FailurePrinter(output.terminal(), output.json()).print(e, false, false));
            }
            throw e;
        }
    }

    private static void requireCapturable(SourceTables tables) {
        tables.refused().forEach((table, columns) -> {
            throw ReinstateException.invalid(
                    "Table " + table + " cannot be captured",
                    "excluded is what its rows are known by: " + String.join(", ", columns),
                    "take its key, and what names its tenant, out of tenancy.exclude, or map the table as ignored");
        });
    }

    private void sayWithoutRule(SourceTables tables) {
        List<String> without = tables.catalogue().tables().stream()
                .map(Table::name)
                .filter(table -> tables.map().rule(table).isEmpty())
                .map(TableName::toString)
                .toList();
        if (!without.isEmpty()) {
            output.terminal()
                    .note(output.terminal().onErr(Terminal.Style.WARN, "not captured: ")
                            + Amounts.count(without.size(), "table") + " that no rule fits: "
                            + String.join(", ", without.stream().limit(NAMED).toList())
                            + (without.size() > NAMED ? ", …" : "")
                            + "; `reinstate init --check` says which rule each could have");
        }
    }

    private static void requireMapped(Configuration configuration) {
        List<String> unmapped = new ArrayList<>();
        configuration.tenancy().tables().forEach((table, rule) -> {
            if (rule instanceof TableRule.Unmapped) {
                unmapped.add(table.toString());
            }
        });
        if (!unmapped.isEmpty()) {
            throw ReinstateException.refused(
                            unmapped.size() == 1
                                    ? "Table " + unmapped.getFirst() + " is unmapped"
                                    : unmapped.size() + " tables are unmapped",
                            "rows of no known owner cannot be brought back with a tenant",
                            "give each a rule in " + configuration.file() + "; ignored and shared are rules, too")
                    .withDetails(unmapped);
        }
    }

    private CaptureSettings settings(Configuration configuration) {
        Duration interval = segmentInterval
                .map(text -> Amounts.durationOf("--segment-interval", text, "2s or 500ms"))
                .orElse(configuration.settings().segmentInterval());
        OptionalLong letGo = letGoAfter
                .map(text -> OptionalLong.of(Amounts.parseBytes(text)
                        .orElseThrow(() -> ReinstateException.invalid(
                                "\"" + text + "\" is not a size", "--let-go-after is one", "write it as 20GB"))))
                .orElse(configuration.settings().letGoAfterBytes());
        CaptureSettings.Limits limits = imageRate
                .map(text -> CaptureSettings.Limits.DEFAULT.withImageBytesPerSecond(Amounts.parseBytes(text)
                        .filter(bytes -> bytes > 0)
                        .orElseThrow(() -> ReinstateException.invalid(
                                "\"" + text + "\" is not a size", "--image-rate is one", "write it as 50MB"))))
                .orElse(CaptureSettings.Limits.DEFAULT);
        return CaptureSettings.defaults(configuration.store().name(), configuration.stateDirectory())
                .withSegmentInterval(interval)
                .withLetGoAfterBytes(letGo)
                .withLimits(limits)
                .withNewImage(newImage)
                .withAcceptLoss(acceptLoss);
    }

    private void requireReady(Connection connection, Database database, SourceTables source, SourceNames names) {
        Catalogue catalogue = source.catalogue();
        List<TableName> tables = source.map().capturedTables().stream()
                .filter(table -> catalogue.table(table).isPresent())
                .toList();
        List<Preflight.Finding> findings = Preflight.checkSource(connection, catalogue, tables, names);
        List<String> missing = new ArrayList<>();
        for (Preflight.Finding finding : findings) {
            if (finding.status() == Preflight.Status.MISSING) {
                missing.add(finding.need() + ": " + finding.found());
                finding.sql().forEach(statement -> missing.add("    " + statement));
            } else if (finding.status() == Preflight.Status.DEGRADED) {
                output.terminal()
                        .note(output.terminal().onErr(Terminal.Style.WARN, "degraded: ") + finding.need() + ": "
                                + finding.found());
            }
        }
        if (!missing.isEmpty()) {
            throw new ReinstateException(
                    FailureKind.REFUSED,
                    database.displayName() + " cannot be protected yet",
                    "what is listed below is missing",
                    "have the statements run by an owner or DBA, then run `reinstate protect` again",
                    missing,
                    null);
        }
    }
}
