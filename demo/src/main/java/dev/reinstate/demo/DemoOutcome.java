package dev.reinstate.demo;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * What the demo measured and whether everything it set out to prove held.
 *
 * @param seed runs the same demo again
 * @param failures what did not hold, in words; empty means PASS
 * @param figures the final table, by name: numbers as numbers, times in seconds
 * @param total from the first line to the last
 */
public record DemoOutcome(long seed, List<String> failures, SortedMap<String, Object> figures, Duration total) {
    /** The exit code when something did not hold; errors before that throw. */
    public static final int FAILED = 1;

    public boolean passed() {
        return failures.isEmpty();
    }

    public int exitCode() {
        return passed() ? 0 : FAILED;
    }
}
