package dev.reinstate.cli.metrics;

import dev.reinstate.archive.RetentionState;
import dev.reinstate.cli.wiring.MaintenanceListener;
import dev.reinstate.model.ReinstateException;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.time.Clock;

/** How far back the archive reaches, and what waits in it to be removed. */
public final class MaintenanceMetrics implements MaintenanceListener {
    private final Clock clock;
    private final Gauge looked;
    private final Gauge oldest;
    private final Gauge heldBytes;
    private final Gauge waitingBytes;
    private final Gauge archiveBytes;
    private final Counter failures;

    MaintenanceMetrics(MetricsFile file, Clock clock) {
        this.clock = clock;
        this.looked = file.gauge(
                "reinstate_maintenance_done_timestamp_seconds",
                "When maintenance last had nothing left to let go or remove");
        this.oldest = file.gauge(
                "reinstate_restorable_from_timestamp_seconds",
                "The oldest moment that can be restored for every tenant");
        this.archiveBytes = file.gauge("reinstate_archive_bytes", "Images and segments that are kept for everybody");
        this.heldBytes = file.gauge("reinstate_archive_held_bytes", "Older ones, kept for tenants under hold");
        this.waitingBytes =
                file.gauge("reinstate_archive_waiting_bytes", "What nothing needs any more and is not removed yet");
        this.failures = Counter.builder()
                .name("reinstate_maintenance_failures")
                .help("Times merging, letting go or removing failed since the start")
                .register(file.registry());
    }

    @Override
    public void looked(RetentionState state) {
        looked.set(clock.instant().toEpochMilli() / 1000.0);
        state.oldest().ifPresent(time -> oldest.set(time.toEpochMilli() / 1000.0));
        archiveBytes.set((double) state.keptBytes());
        heldBytes.set((double) state.heldBytes());
        waitingBytes.set((double) state.waitingBytes());
    }

    @Override
    public void failed(ReinstateException failure) {
        failures.inc();
    }
}
