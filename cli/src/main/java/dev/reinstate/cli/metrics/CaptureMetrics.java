package dev.reinstate.cli.metrics;

import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What an alarm should know of a running capture, written to a file every few seconds, also while nothing happens. */
public final class CaptureMetrics implements CaptureListener, AutoCloseable {
    private final MetricsFile file;
    private final Clock clock;
    private final Consumer<ReinstateException> unwritten;
    private final Gauge running;
    private final Gauge streaming;
    private final Gauge durable;
    private final Gauge retainedLog;
    private final Gauge logLimit;
    private final Gauge unprotected;
    private final Gauge unread;
    private final Counter changes;
    private final Counter segments;
    private final Counter retries;
    private final Counter gaps;
    private final Counter unattributed;
    private final Counter oversized;
    private final Counter tableImages;
    private final Set<TableName> waiting = new HashSet<>();
    private @Nullable Future<?> ticks;
    private final ScheduledExecutorService ticking = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("metrics").daemon().factory());

    /** @param unwritten hears when the file could not be written; capture goes on */
    public CaptureMetrics(Path path, Clock clock, Consumer<ReinstateException> unwritten) {
        this.file = new MetricsFile(path, "reinstate_capture", clock);
        this.clock = clock;
        this.unwritten = unwritten;
        this.running = file.gauge("reinstate_capture_running", "1 while capture runs, 0 when it was stopped or failed");
        this.streaming = file.gauge("reinstate_capture_streaming", "1 while it follows the change stream");
        this.durable = file.gauge(
                "reinstate_capture_durable_timestamp_seconds",
                "Commit time up to which history is durable; the time it was recorded while nothing is committed");
        this.retainedLog = file.gauge("reinstate_source_retained_log_bytes", "Log the source keeps back for capture");
        this.logLimit = file.gauge("reinstate_source_retained_log_limit_bytes", "Where capture lets the slot go");
        this.unprotected = file.gauge("reinstate_unprotected_tables", "Tables not protected as the others are");
        this.unread = file.gauge(
                "reinstate_unread_tables", "Tables whose rows may have changed unseen, and are not read anew yet");
        this.changes = counter("reinstate_captured_changes", "Changes made durable since the start");
        this.segments = counter("reinstate_segments", "Segments made durable since the start");
        this.retries = counter("reinstate_capture_retries", "Times the source or the archive did not answer");
        this.gaps = counter("reinstate_gaps", "Times history was lost since the start");
        this.unattributed = counter("reinstate_unattributed_changes", "Changes that found no tenant since the start");
        this.oversized = counter("reinstate_oversized_rows", "Rows too large to be kept since the start");
        this.tableImages = counter("reinstate_tables_read_anew", "Tables read anew since the start");
    }

    private Counter counter(String name, String help) {
        return Counter.builder().name(name).help(help).register(file.registry());
    }

    /** Writes the file now, which fails when that is not possible, and every so often from now on. */
    public void start(Duration interval) {
        running.set(1);
        file.write();
        long millis = interval.toMillis();
        ticks = ticking.scheduleWithFixedDelay(this::tryWrite, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void tryWrite() {
        try {
            file.write();
        } catch (ReinstateException e) {
            unwritten.accept(e);
        }
    }

    @Override
    public void streaming(Lsn from) {
        streaming.set(1);
    }

    @Override
    public void published(Lsn durableTo, long published, Instant newestCommit) {
        changes.inc(published);
        segments.inc();
        streaming.set(1);
        durable.set(newestCommit.toEpochMilli() / 1000.0);
    }

    @Override
    public void positionPublished(Lsn durableTo) {
        streaming.set(1);
        durable.set(clock.instant().toEpochMilli() / 1000.0);
    }

    @Override
    public void retrying(ReinstateException failure, int attempt, Duration pause) {
        retries.inc();
        streaming.set(0);
    }

    @Override
    public void unprotectedTables(List<SourceTables.Unprotected> tables) {
        unprotected.set(tables.size());
    }

    @Override
    public synchronized void tableImageNeeded(List<TableName> tables, String reason) {
        waiting.addAll(tables);
        unread.set(waiting.size());
    }

    @Override
    public synchronized void tableImagePublished(Lsn position, List<TableName> tables, Duration took) {
        tables.forEach(waiting::remove);
        unread.set(waiting.size());
        tableImages.inc(tables.size());
    }

    @Override
    public void unattributed(TableName table, long count) {
        unattributed.inc(count);
    }

    @Override
    public void oversizedRow(TableName table) {
        oversized.inc();
    }

    @Override
    public void sourceLog(long retainedBytes, long limitBytes) {
        retainedLog.set((double) retainedBytes);
        logLimit.set((double) limitBytes);
    }

    @Override
    public void gap(Lsn from, String reason) {
        gaps.inc();
    }

    @Override
    public void close() {
        Future<?> started = ticks;
        if (started != null) {
            started.cancel(false);
        }
        ticking.shutdown();
        running.set(0);
        streaming.set(0);
        tryWrite();
    }
}
