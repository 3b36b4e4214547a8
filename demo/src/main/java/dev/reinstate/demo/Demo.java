package dev.reinstate.demo;

import dev.reinstate.demo.server.DemoDirectory;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The demonstration from end to end: claims its directory, plays, and leaves nothing behind that was not asked for.
 *
 * <p>However it ends (well, badly, interrupted), the processes it started are ended, unless they were to be kept.
 */
public final class Demo {
    private final DemoSettings settings;
    private final ReinstateCommand reinstate;
    private final Terminal terminal;
    private final InstantSource clock = InstantSource.system();

    public Demo(DemoSettings settings, ReinstateCommand reinstate, Terminal terminal) {
        this.settings = settings;
        this.reinstate = reinstate;
        this.terminal = terminal;
    }

    /**
     * Runs all acts; an interrupt of the thread or the JVM stops every process it started.
     *
     * @throws DemoException when it could not be carried out; a proof that fails is an outcome, not an exception
     */
    public DemoOutcome run() throws InterruptedException {
        DemoDirectory directory = claim();
        AtomicBoolean over = new AtomicBoolean();
        Thread hook = new Thread(() -> interrupted(directory, over), "demo-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            DemoOutcome outcome = new Play(settings, reinstate, terminal, clock, directory).run();
            finish(directory, outcome);
            return outcome;
        } catch (DemoException e) {
            standAsideIfInterrupted(over);
            throw e;
        } catch (IOException | SQLException e) {
            standAsideIfInterrupted(over);
            throw new DemoException(
                    "The demo broke off",
                    String.valueOf(e.getMessage()),
                    "look into " + directory.path() + ", then run it again",
                    e);
        } finally {
            if (over.compareAndSet(false, true) && !settings.options().keep()) {
                directory.endProcesses();
            }
            removeHook(hook);
        }
    }

    private DemoDirectory claim() {
        Path path = settings.directory();
        try {
            switch (DemoDirectory.state(path)) {
                case FREE -> {}
                case LEFT -> clear(path);
                case RUNNING ->
                    throw new DemoException(
                            "A demo is running in " + path,
                            "two would share one directory",
                            "wait for it, or give this one another directory with --dir",
                            null);
                case KEPT ->
                    throw new DemoException(
                            "An earlier demo was kept running in " + path,
                            "a new one would end it and remove its files",
                            "end it with `" + reinstate.name() + " demo --stop`, or give this one another directory"
                                    + " with --dir",
                            null);
                case FOREIGN ->
                    throw new DemoException(
                            path + " has files that no demo made",
                            "a demo removes its directory in the end",
                            "name an empty or new directory with --dir",
                            null);
            }
            return DemoDirectory.take(path);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private void clear(Path path) throws IOException {
        int ended = DemoDirectory.clear(path);
        terminal.say("An earlier demo left files in " + path
                + (ended > 0 ? " and " + ended + " processes running; they were ended." : "; they were removed."));
    }

    private static DemoException unusable(Path path, IOException e) {
        return new DemoException(
                path + " cannot be used", String.valueOf(e.getMessage()), "name another directory with --dir", e);
    }

    /**
     * Ends what a demo with {@code --keep} left running in a directory, and removes it.
     *
     * @return processes ended
     */
    public static int stop(Path directory) {
        try {
            return switch (DemoDirectory.state(directory)) {
                case KEPT, LEFT -> DemoDirectory.clear(directory);
                case FREE, FOREIGN ->
                    throw new DemoException(
                            "No demo was kept in " + directory,
                            "there is no demo.json in it",
                            "name its directory with --dir",
                            null);
                case RUNNING ->
                    throw new DemoException(
                            "The demo in " + directory + " has not ended",
                            "its process is alive",
                            "interrupt it with Ctrl-C where it runs",
                            null);
            };
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    private void finish(DemoDirectory directory, DemoOutcome outcome) throws IOException {
        if (settings.options().keep()) {
            directory.keep();
        } else if (outcome.passed()) {
            directory.remove();
        } else {
            directory.endProcesses();
            terminal.say(
                    "Everything was stopped; archive, receipts, logs and recorded rows are in " + directory.path());
        }
    }

    /** Runs while the JVM goes down, by Ctrl-C for example. */
    private void interrupted(DemoDirectory directory, AtomicBoolean over) {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        terminal.say("Interrupted: stopping what was started …");
        try {
            directory.remove();
            terminal.say("Everything was stopped and " + directory.path() + " removed.");
        } catch (IOException e) {
            terminal.say("Everything was stopped; files are left in " + directory.path());
        }
    }

    /** Everything fails once the hook has stopped the server; that is no news, and the JVM is about to end. */
    private static void standAsideIfInterrupted(AtomicBoolean over) throws InterruptedException {
        if (over.get()) {
            new CountDownLatch(1).await();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook is running and does the rest.
        }
    }
}
