package dev.reinstate.bench.debezium;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Drains one slot through Debezium's embedded engine until the expected number of changes has arrived, then prints
 * {@code drained <changes> <nanoseconds from the first batch to the last> <CPU milliseconds>}.
 *
 * <p>Everything that costs and is optional is off: no snapshot of rows, no tombstones, offsets in memory, events in
 * Connect's own form and never made into JSON. The start of the engine is not counted, the first batch counts as
 * received at no cost.
 */
final class DebeziumDrain {
    private static final Duration SILENCE_ALLOWED = Duration.ofSeconds(60);

    private final long expectedChanges;
    private final AtomicLong changes = new AtomicLong();
    private volatile long firstNanos;
    private volatile long lastNanos = System.nanoTime();

    private DebeziumDrain(long expectedChanges) {
        this.expectedChanges = expectedChanges;
    }

    /**
     * @param arguments host, port, database, user, slot, publication, expected changes; the password, if any, comes in
     *     the environment variable {@code PGPASSWORD}
     */
    public static void main(String[] arguments) throws Exception {
        DebeziumDrain drain = new DebeziumDrain(Long.parseLong(arguments[6]));
        drain.start(settings(arguments));
        boolean complete = drain.awaitEnd();
        long cpuMillis = ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toMillis();
        System.out.println("drained " + drain.changes + " " + (drain.lastNanos - drain.firstNanos) + " " + cpuMillis);
        System.out.flush();
        // the engine's own close waits for its flush interval; nothing of it is needed any more
        Runtime.getRuntime().halt(complete ? 0 : 1);
    }

    private static Properties settings(String[] arguments) {
        Properties settings = new Properties();
        settings.setProperty("name", "bench");
        settings.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        settings.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        settings.setProperty("topic.prefix", "bench");
        settings.setProperty("database.hostname", arguments[0]);
        settings.setProperty("database.port", arguments[1]);
        settings.setProperty("database.dbname", arguments[2]);
        settings.setProperty("database.user", arguments[3]);
        String password = System.getenv("PGPASSWORD");
        settings.setProperty("database.password", password == null ? "" : password);
        settings.setProperty("plugin.name", "pgoutput");
        settings.setProperty("slot.name", arguments[4]);
        settings.setProperty("publication.name", arguments[5]);
        settings.setProperty("publication.autocreate.mode", "disabled");
        settings.setProperty("snapshot.mode", "no_data");
        settings.setProperty("tombstones.on.delete", "false");
        settings.setProperty("max.batch.size", "8192");
        settings.setProperty("max.queue.size", "32768");
        settings.setProperty("poll.interval.ms", "10");
        return settings;
    }

    private void start(Properties settings) {
        DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                        ChangeEventFormat.of(Connect.class))
                .using(settings)
                .notifying(this::receive)
                .build();
        Thread.ofPlatform().daemon().start(engine);
    }

    private boolean awaitEnd() throws InterruptedException {
        while (changes.get() < expectedChanges && System.nanoTime() - lastNanos < SILENCE_ALLOWED.toNanos()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return changes.get() >= expectedChanges;
    }

    private void receive(
            List<RecordChangeEvent<SourceRecord>> batch, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        if (firstNanos == 0) {
            firstNanos = System.nanoTime();
        }
        committer.markProcessed(batch.getLast());
        committer.markBatchFinished();
        changes.addAndGet(batch.size());
        lastNanos = System.nanoTime();
    }
}
