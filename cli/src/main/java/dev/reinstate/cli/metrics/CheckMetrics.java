package dev.reinstate.cli.metrics;

import dev.reinstate.archive.CheckLevel;
import dev.reinstate.archive.CheckReport;
import io.prometheus.metrics.core.metrics.Gauge;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;

/** What an alarm should know of the last check. */
public final class CheckMetrics {
    private static final String LAST_SUCCESS = "reinstate_check_last_success_timestamp_seconds";

    private CheckMetrics() {}

    private static double lostTenants(CheckReport report) {
        return report.losses().stream().anyMatch(loss -> loss.tenants().isEmpty())
                ? -1
                : report.losses().stream()
                        .flatMap(loss -> loss.tenants().stream())
                        .distinct()
                        .count();
    }

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
        Gauge level = Gauge.builder()
                .name("reinstate_check_level")
                .help("1 for the level of this check")
                .labelNames("level")
                .register(file.registry());
        for (CheckLevel each : CheckLevel.values()) {
            level.labelValues(each.name().toLowerCase(Locale.ROOT)).set(each == report.level() ? 1 : 0);
        }
        file.gauge("reinstate_check_share_ratio", "Share of the archive's bytes that this check looked at, 0 to 1")
                .set(report.coverage().share());
        file.gauge("reinstate_check_lost_tenants", "Tenants that lost moments; -1 when it is every tenant")
                .set(lostTenants(report));
        file.gauge(LAST_SUCCESS, "When a check last found nothing damaged; 0 when that is not known")
                .set(report.isSound() ? (double) clock.instant().getEpochSecond() : file.earlier(LAST_SUCCESS));
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
