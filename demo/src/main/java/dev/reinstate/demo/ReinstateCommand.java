package dev.reinstate.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Reinstate as its user sees it: a command that is run as a process of its own. Arguments start with the verb, for
 * example {@code ["history", "site-1042", "--json"]}. Passwords go through the environment, never through arguments.
 */
public interface ReinstateCommand {
    /** How the user would type it, for messages: {@code ./reinstate}. */
    String name();

    /** Runs the command to its end, with nothing on its standard input. */
    Completed run(List<String> arguments, Map<String, String> environment) throws IOException, InterruptedException;

    /**
     * Starts a command that goes on until it is stopped.
     *
     * @param log takes its standard output and errors
     */
    Running start(List<String> arguments, Map<String, String> environment, Path log) throws IOException;

    /**
     * @param output all of standard output, UTF-8
     * @param errors all of standard error, UTF-8
     */
    record Completed(int exitCode, String output, String errors) {}

    /** A process that goes on; it survives this JVM unless it is stopped. */
    interface Running {
        ProcessHandle process();

        /** Asks it to end (SIGTERM), waits, and kills it when it does not; returns once it is gone. */
        void stop(Duration patience);

        /** SIGKILL; returns once it is gone. */
        void kill();
    }
}
