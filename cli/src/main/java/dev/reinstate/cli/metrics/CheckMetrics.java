package dev.reinstate.cli.metrics;

import dev.reinstate.archive.CheckReport;
import io.prometheus.metrics.core.metrics.Gauge;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;

/** What an alarm should know of the last check. */
public final class CheckMetrics {
    private CheckMetrics() {}

    /** {@code UNAVAILABLE} when the file cannot be written. */
    public static void write(Path path, CheckReport report, Clock clock) {
        MetricsFile file = new MetricsFile(path, "reinstate_check", clock);
        file.gauge("reinstate_check_sound", "1 when nothing a recovery needs is damaged")
                .set(report.isSound() ? 1 : 0);
        Gauge findings = Gauge.builder()
                .name("reinstate_check_findings")
                .help("What was found, by severity")
                .labelNames("severity")
                .register(file.registry());
        for (CheckReport.Severity severity : CheckReport.Severity.values()) {
            findings.labelValues(severity.name().toLowerCase(Locale.ROOT)).set((double) report.findings().stream()
                    .filter(finding -> finding.severity() == severity)
                    .count());
        }
        file.gauge("reinstate_check_objects", "Objects read").set((double) report.objects());
        file.gauge("reinstate_check_read_bytes", "Bytes read").set((double) report.sizeBytes());
        Gauge to = file.gauge(
                "reinstate_check_restorable_to_timestamp_seconds",
                "Newest moment that can be restored for every tenant; 0 when there is none");
        report.restorable().stream()
                .mapToDouble(range -> range.toTime().getEpochSecond())
                .max()
                .ifPresent(to::set);
        file.write();
    }
}
