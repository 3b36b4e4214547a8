package dev.reinstate.demo;

import dev.reinstate.demo.terminal.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/** The demonstration from end to end. */
public final class Demo {
    private final DemoSettings settings;

    public Demo(DemoSettings settings, ReinstateCommand reinstate, Terminal terminal) {
        this.settings = settings;
    }

    /**
     * Runs all acts; an interrupt of the thread or the JVM stops every process it started.
     *
     * @throws DemoException when it could not be carried out; a proof that fails is an outcome, not an exception
     */
    public DemoOutcome run() throws InterruptedException {
        return new DemoOutcome(settings.options().seed(), List.of("not built yet"), new TreeMap<>(), Duration.ZERO);
    }
}
