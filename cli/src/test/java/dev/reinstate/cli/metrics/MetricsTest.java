package dev.reinstate.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.ArchiveState;
import dev.reinstate.archive.CheckLevel;
import dev.reinstate.archive.CheckReport;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final TableName TICKET = new TableName("public", "ticket");

    @TempDir
    Path directory;

    private List<String> figures(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    @Test
    void whatCaptureTellsIsInTheFile() throws IOException {
        Path file = directory.resolve("capture.prom");
        try (CaptureMetrics metrics = new CaptureMetrics(file, CLOCK, failure -> {})) {
            metrics.start(Duration.ofHours(1));
            assertThat(figures(file)).contains("reinstate_capture_running 1.0", "reinstate_capture_streaming 0.0");
            CaptureListener told = CaptureListener.all(List.of(CaptureListener.SILENT, metrics));
            told.streaming(new Lsn(1));
            told.published(new Lsn(5), 7, NOW.minusSeconds(3));
            told.published(new Lsn(6), 2, NOW.minusSeconds(2));
            told.sourceLog(1000, 5000);
            told.unattributed(TICKET, 4);
            told.tableImageNeeded(List.of(TICKET), "rewritten");
            told.gap(new Lsn(6), "the slot was dropped");
        }
        assertThat(figures(file))
                .containsExactlyInAnyOrder(
                        "reinstate_capture_running 0.0",
                        "reinstate_capture_streaming 0.0",
                        "reinstate_capture_written_timestamp_seconds 1.76722561E9",
                        "reinstate_capture_durable_timestamp_seconds 1.767225608E9",
                        "reinstate_source_retained_log_bytes 1000.0",
                        "reinstate_source_retained_log_limit_bytes 5000.0",
                        "reinstate_unprotected_tables 0.0",
                        "reinstate_unread_tables 1.0",
                        "reinstate_captured_changes_total 9.0",
                        "reinstate_segments_total 2.0",
                        "reinstate_capture_retries_total 0.0",
                        "reinstate_gaps_total 1.0",
                        "reinstate_unattributed_changes_total 4.0",
                        "reinstate_oversized_rows_total 0.0",
                        "reinstate_tables_read_anew_total 0.0");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsSaidAtTheStartAndLater() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("folder"));
        List<ReinstateException> heard = new ArrayList<>();
        try (CaptureMetrics metrics = new CaptureMetrics(folder.resolve("capture.prom"), CLOCK, heard::add)) {
            metrics.start(Duration.ofHours(1));
            Files.delete(folder.resolve("capture.prom"));
            Files.delete(folder);
        }
        assertThat(heard)
                .singleElement()
                .satisfies(failure -> assertThat(failure).hasMessageContaining("metrics"));
        try (CaptureMetrics metrics = new CaptureMetrics(folder.resolve("capture.prom"), CLOCK, heard::add)) {
            assertThatThrownBy(() -> metrics.start(Duration.ofHours(1))).isInstanceOf(ReinstateException.class);
        }
    }

    @Test
    void whatACheckFoundIsInTheFile() throws IOException {
        Path file = directory.resolve("check.prom");
        CheckReport sound = report(List.of());
        CheckMetrics.write(file, sound, Clock.fixed(NOW.minusSeconds(60), ZoneOffset.UTC));
        CheckReport report = report(List.of(new CheckReport.Finding(
                CheckReport.Severity.DAMAGE, "INV-3", "segment/1", "gone", List.of(), CheckReport.Moments.NONE)));
        CheckMetrics.write(file, report, CLOCK);
        assertThat(figures(file))
                .containsExactlyInAnyOrder(
                        "reinstate_check_sound 0.0",
                        "reinstate_check_written_timestamp_seconds 1.76722561E9",
                        "reinstate_check_findings{severity=\"damage\"} 1.0",
                        "reinstate_check_findings{severity=\"repairable\"} 0.0",
                        "reinstate_check_findings{severity=\"harmless\"} 0.0",
                        "reinstate_check_level{level=\"structure\"} 0.0",
                        "reinstate_check_level{level=\"checksums\"} 1.0",
                        "reinstate_check_level{level=\"full\"} 0.0",
                        "reinstate_check_share_ratio 0.25",
                        "reinstate_check_lost_tenants 2.0",
                        "reinstate_check_last_success_timestamp_seconds 1.76722555E9",
                        "reinstate_check_objects 3.0",
                        "reinstate_check_read_bytes 1.0",
                        "reinstate_check_restorable_to_timestamp_seconds 1.76722561E9");
    }

    private static CheckReport report(List<CheckReport.Finding> findings) {
        return new CheckReport(
                CheckLevel.CHECKSUMS,
                new CheckReport.Coverage("sample", 0.25, 3, 12, 0, 0, OptionalLong.of(7), Optional.empty(), false),
                findings,
                List.of(new CheckReport.Loss(List.of("site-1", "site-2"), List.of(), List.of())),
                List.of(new ArchiveState.Range(new Lsn(1), NOW.minusSeconds(60), new Lsn(9), NOW)),
                List.of(),
                0,
                List.of(),
                4,
                3,
                2,
                1);
    }
}
