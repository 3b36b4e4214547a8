package dev.reinstate.cli.metrics;

import dev.reinstate.model.ReinstateException;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.stream.Stream;

/** A registry and the file it is written to, whole or not at all. Thread-safe. */
final class MetricsFile {
    private static final PrometheusTextFormatWriter WRITER = PrometheusTextFormatWriter.builder()
            .setIncludeCreatedTimestamps(false)
            .build();

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Path file;
    private final Path unfinished;
    private final Clock clock;
    private final Gauge written;

    /** @param prefix of the metric that says when the file was written */
    MetricsFile(Path file, String prefix, Clock clock) {
        this.file = file;
        this.unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        this.clock = clock;
        this.written = gauge(prefix + "_written_timestamp_seconds", "When these figures were written");
    }

    PrometheusRegistry registry() {
        return registry;
    }

    Gauge gauge(String name, String help) {
        return Gauge.builder().name(name).help(help).register(registry);
    }

    /** The value of a metric without labels in the file that is there; 0 when there is none. */
    double earlier(String name) {
        try (Stream<String> lines = Files.exists(file) ? Files.lines(file) : Stream.empty()) {
            return lines.filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return 0;
        }
    }

    /** {@code UNAVAILABLE} when it cannot be written; what was there stays. */
    synchronized void write() {
        written.set((double) clock.instant().getEpochSecond());
        try {
            try (OutputStream out = Files.newOutputStream(unfinished)) {
                WRITER.write(out, registry.scrape());
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw ReinstateException.unavailable(
                    "Cannot write the metrics to " + file,
                    String.valueOf(e.getMessage()),
                    "give a file in a folder this user may write to, outside of the archive",
                    e);
        }
    }
}
