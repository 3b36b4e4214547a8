package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.SpawnedReinstate;
import dev.reinstate.demo.Demo;
import dev.reinstate.demo.DemoException;
import dev.reinstate.demo.DemoOutcome;
import dev.reinstate.demo.DemoSettings;
import dev.reinstate.demo.terminal.Terminal;
import dev.reinstate.model.ReinstateException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reinstate demo}. */
@Command(
        name = "demo",
        description =
                "Shows the main job on an embedded PostgreSQL: a script deletes the wrong tenants, they come back.")
public final class DemoVerb implements Callable<Integer> {
    private final Output output;
    private final SpawnedReinstate reinstate;
    private final RandomGenerator random;

    @Option(names = "--sites", description = "Tenants in the database (default: ${DEFAULT-VALUE}).")
    private int sites = DemoSettings.DEFAULT_SITES;

    @Option(names = "--scale", description = "Multiplies every site's rows (default: ${DEFAULT-VALUE}).")
    private double scale = 1;

    @Option(
            names = "--delete",
            paramLabel = "<sites>",
            description = "Sites the script deletes (default: 30, fewer of few).")
    private int deleted = -1;

    @Option(
            names = "--rate",
            paramLabel = "<transactions>",
            description = "Transactions a second of all users (default: ${DEFAULT-VALUE}).")
    private int rate = DemoSettings.DEFAULT_TRANSACTIONS_PER_SECOND;

    @Option(names = "--parallel", description = "Sites reinstated at a time (default: ${DEFAULT-VALUE}).")
    private int parallel = DemoSettings.DEFAULT_PARALLEL;

    @Option(names = "--seed", description = "Runs the same demo again.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where everything it makes goes (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("reinstate-demo");

    @Option(names = "--keep", description = "Leave server and capture running in the end, to go on by hand.")
    private boolean keep;

    @Option(names = "--stop", description = "End what a demo with --keep left running in DIR, and remove its files.")
    private boolean stop;

    @Mixin
    private final JsonOption json = new JsonOption();

    public DemoVerb(Output output, SpawnedReinstate reinstate, RandomGenerator random) {
        this.output = output;
        this.reinstate = reinstate;
        this.random = random;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (stop) {
            output.terminal().line("Ended " + stopped() + " processes and removed " + directory + ".");
            return 0;
        }
        Terminal terminal = new Terminal(
                json.asked ? output.terminal().err() : output.terminal().out(),
                output.terminal().watches(),
                InstantSource.system());
        DemoOutcome outcome = run(terminal);
        if (json.asked) {
            output.json().print(output.terminal().out(), outcome);
        }
        return outcome.exitCode();
    }

    private DemoOutcome run(Terminal terminal) throws InterruptedException {
        try {
            return new Demo(settings(), reinstate, terminal).run();
        } catch (DemoException e) {
            throw told(e);
        }
    }

    private int stopped() {
        try {
            return Demo.stop(directory);
        } catch (DemoException e) {
            throw told(e);
        }
    }

    private static ReinstateException told(DemoException e) {
        return ReinstateException.unavailable(e.what(), e.why(), e.next(), e);
    }

    private DemoSettings settings() {
        try {
            int some = deleted < 0 ? Math.min(DemoSettings.DEFAULT_DELETED, Math.max(1, sites / 4)) : deleted;
            DemoSettings.Options options =
                    new DemoSettings.Options(seed.orElseGet(() -> (long) random.nextInt(1_000_000)), keep);
            return new DemoSettings(directory, sites, scale, some, rate, parallel, options);
        } catch (IllegalArgumentException e) {
            throw ReinstateException.invalid(
                    "The demo cannot be run like that", String.valueOf(e.getMessage()), "see `reinstate demo --help`");
        }
    }
}
