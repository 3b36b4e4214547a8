package dev.reinstate.bench.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What the numbers were taken on; no host name, no path.
 *
 * @param loadAverage over a minute when the bench began: above about half a core the numbers are disturbed
 */
public record Machine(
        int cores,
        String processor,
        double memoryGib,
        String operatingSystem,
        String java,
        String postgres,
        String loadAverage) {

    /** This machine, with what the server under test says of itself. */
    public static Machine here(String postgresVersion) {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                field("/proc/cpuinfo", "model name", "unknown"),
                Math.round(kibibytes() / 1024.0 / 102.4) / 10.0,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Runtime.version().toString(),
                postgresVersion,
                firstWord("/proc/loadavg"));
    }

    private static double kibibytes() {
        String text = field("/proc/meminfo", "MemTotal", "0 kB");
        return Double.parseDouble(text.substring(0, text.indexOf(' ')));
    }

    private static String field(String file, String name, String otherwise) {
        return read(file)
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }

    private static String firstWord(String file) {
        String text = read(file);
        return text.isEmpty() ? "unknown" : text.substring(0, text.indexOf(' '));
    }

    private static String read(String file) {
        try {
            Path path = Path.of(file);
            return Files.isReadable(path) ? Files.readString(path, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d cores (%s), %.1f GiB, %s, JDK %s, PostgreSQL %s, load %s at start",
                cores,
                processor,
                memoryGib,
                operatingSystem,
                java,
                postgres,
                loadAverage);
    }
}
