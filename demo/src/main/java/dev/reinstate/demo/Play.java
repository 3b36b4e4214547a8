package dev.reinstate.demo;

import dev.reinstate.demo.oracle.Census;
import dev.reinstate.demo.oracle.Oracle;
import dev.reinstate.demo.saas.Gate;
import dev.reinstate.demo.saas.Ledger;
import dev.reinstate.demo.saas.Ownership;
import dev.reinstate.demo.saas.Seeder;
import dev.reinstate.demo.saas.Traffic;
import dev.reinstate.demo.server.DemoDirectory;
import dev.reinstate.demo.server.EmbeddedServer;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The acts, one after the other. */
final class Play {
    private static final int CONNECTIONS = 4;

    private final DemoSettings settings;
    private final ReinstateCommand reinstate;
    private final Terminal terminal;
    private final InstantSource clock;
    private final DemoDirectory directory;

    Play(
            DemoSettings settings,
            ReinstateCommand reinstate,
            Terminal terminal,
            InstantSource clock,
            DemoDirectory directory) {
        this.settings = settings;
        this.reinstate = reinstate;
        this.terminal = terminal;
        this.clock = clock;
        this.directory = directory;
    }

    DemoOutcome run() throws IOException, SQLException, InterruptedException {
        Instant begin = clock.instant();
        terminal.heading(
                "A small SaaS: tracker, wiki and pager for %d sites, in shared tables".formatted(settings.sites()));
        EmbeddedServer server = startServer();
        long rows = seed(server);
        Census census = new Census(server.database());
        Cast cast = cast(census);
        Gate gate = new Gate();
        Ledger ledger = new Ledger(clock);
        try (Traffic traffic =
                new Traffic(server.database(), gate, ledger, cast.busy(), settings.transactionsPerSecond())) {
            Oracle oracle = new Oracle(server.database(), directory.resolve("oracle"));
            Stage stage = new Stage(
                    settings,
                    terminal,
                    clock,
                    new Stage.Saas(server.database(), rows, cast, gate, ledger, traffic),
                    new Stage.Witnesses(oracle, census),
                    new Verbs(reinstate, directory, server));
            traffic.start(CONNECTIONS, settings.options().seed());
            terminal.say(
                    "%d users' connections now write to %d sites, up to %d transactions a second; %d sites are quiet."
                            .formatted(
                                    CONNECTIONS,
                                    cast.busy().size(),
                                    settings.transactionsPerSecond(),
                                    cast.quiet().size()));
            return acts(stage, begin);
        }
    }

    private EmbeddedServer startServer() throws IOException {
        Instant begin = clock.instant();
        EmbeddedServer server = EmbeddedServer.start(directory.resolve("postgresql"));
        directory.recordServer(server.postmaster());
        terminal.say("PostgreSQL 18 runs on port %d (fsync on, wal_level=logical), in %s. %s"
                .formatted(server.port(), directory.path(), since(begin)));
        return server;
    }

    private long seed(EmbeddedServer server) throws SQLException {
        Instant begin = clock.instant();
        Seeder seeder = new Seeder(server.database(), terminal);
        seeder.createSchema();
        long rows = seeder.seed(
                settings.sites(), settings.scale(), settings.options().seed());
        terminal.say("%s rows in %d tables, %d of which belong to a site only through foreign keys. %s"
                .formatted(
                        Terminal.count(rows),
                        Ownership.everyTable().size(),
                        Ownership.TABLES.stream()
                                .filter(table -> !table.namesItsSite())
                                .count(),
                        since(begin)));
        terminal.detail("The same again: --seed " + settings.options().seed());
        return rows;
    }

    private Cast cast(Census census) throws SQLException {
        Census.Rows rows = census.rows();
        Map<String, Long> sizes = rows.bySite().keySet().stream().collect(Collectors.toMap(site -> site, rows::of));
        return Cast.choose(
                sizes,
                settings.deleted(),
                DemoSettings.QUIET_SITES,
                settings.options().seed());
    }

    private DemoOutcome acts(Stage stage, Instant begin) throws IOException, SQLException, InterruptedException {
        terminal.heading("1. Protect: first image, then every change, while users keep writing");
        new ProtectAct(stage).run();
        Census.Rows before = openLedger(stage);

        terminal.heading("2. Disaster: a script to remove a legacy app was handed the ids of sites");
        SeeAct see = new SeeAct(stage);
        Map<String, Victim> victims;
        try (SeeAct.Watch watch = see.watch()) {
            victims = new DisasterAct(stage).run();

            terminal.heading("3. See: what was lost, when, and by which transaction");
            see.run(watch, victims);
        }

        terminal.heading("4. Reinstate: exactly those sites, each to the last moment before its damage");
        Reinstated reinstated = new ReinstateAct(stage).run(victims);

        terminal.heading("5. Prove: with plain SQL, not with Reinstate's word");
        List<String> failures = new ProveAct(stage, victims, before).run(reinstated.transactions());
        failures.addAll(see.failures());
        failures.addAll(reinstated.failures());
        Summary summary = new Summary(stage, victims, see, reinstated);
        DemoOutcome outcome =
                summary.tell(failures, new ProtectAct(stage).now(), Duration.between(begin, clock.instant()));
        if (settings.options().keep()) {
            summary.tellCommands();
        }
        return outcome;
    }

    /** From here on the users' own books can be compared with the rows there are. */
    private Census.Rows openLedger(Stage stage) throws IOException, SQLException, InterruptedException {
        try (Gate.Pass held = stage.saas().gate().hold()) {
            stage.saas().ledger().clear();
            for (String site : stage.saas().cast().quiet()) {
                stage.witnesses().oracle().record(site);
            }
            return stage.witnesses().census().rows();
        }
    }

    private String since(Instant begin) {
        return "(" + Terminal.duration(Duration.between(begin, clock.instant())) + ")";
    }
}
