package dev.reinstate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.archive.SegmentWriter;
import dev.reinstate.cli.terminal.Spoken;
import dev.reinstate.cli.wiring.BackgroundMaintenance;
import dev.reinstate.cli.wiring.MaintenanceListener;
import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merging beside damage: what is said of it, by the verb and beside capture. */
class CompactDamageTest {
    private static final TableSchema TABLE = new TableSchema(
            100,
            SiteArchive.SITE,
            List.of(new Column(1, "id", 25, "text"), new Column(2, "name", 25, "text")),
            List.of(0));

    @TempDir
    private Path folder;

    /** What was replaced long after the end of history is not removed. */
    private final Instant time = Instant.now();

    private Spoken spoken = new Spoken();
    private ObjectStore objects;
    private ArchiveSettings settings;
    private long lsn = 1000;

    @BeforeEach
    void create() {
        objects = FileObjectStore.open(folder.resolve("a"));
        settings = ArchiveSettings.defaults(folder.resolve("spill"));
        SiteArchive.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                ImageWriter image = writer.beginImage()) {
            image.publish(new Lsn(lsn), time);
        }
    }

    @AfterEach
    void close() {
        objects.close();
    }

    /** Segments of one row each. */
    private void publish(int segments) {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            for (int i = 0; i < segments; i++) {
                lsn += 100;
                Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 10), time, lsn, "");
                Tuple row = Tuple.ofTexts(List.of(Optional.of("acme-" + lsn), Optional.of("Acme")));
                try (SegmentWriter segment = writer.beginSegment()) {
                    segment.addCommit(commit);
                    segment.add(new Change(
                            Partition.of(new TenantId("acme-" + lsn)),
                            TABLE,
                            Operation.INSERT,
                            RowKey.of(TABLE, row),
                            row,
                            commit,
                            0));
                    segment.publish(commit.endLsn());
                }
            }
        }
    }

    private int compact(String... more) {
        return run("compact", more);
    }

    private int run(String verb, String... more) {
        spoken = new Spoken();
        String[] arguments = new String[more.length + 3];
        arguments[0] = verb;
        arguments[1] = "--archive";
        arguments[2] = folder.resolve("a").toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Main.run(spoken.unwatched(), Map.of(), arguments);
    }

    private String mergedSegment() {
        return objects.list("segment/", "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .max(Comparator.comparingInt(key -> objects.get(key).length))
                .orElseThrow();
    }

    private void harmOneWhoseSourcesAreGone() {
        publish(16);
        assertThat(compact("--grace", "0s")).isZero();
        objects.delete(mergedSegment());
        publish(16);
    }

    @Test
    void whatIsUsedInsteadIsSaid() {
        publish(16);
        assertThat(compact()).isZero();
        String merged = mergedSegment();
        objects.delete(merged);
        assertThat(compact("--image", "--json")).isZero();
        assertThat(spoken.out())
                .contains(
                        "\"damaged\" : \"Object " + merged, "the 16 segments that it was merged from", "\"rows\" : 16")
                .contains("\"leftDamaged\" : [ ]");
        assertThat(spoken.err()).contains("warning: the archive is damaged: Object " + merged);
    }

    @Test
    void theImageBeforeADamagedOneServes() {
        publish(2);
        assertThat(compact("--image")).isZero();
        publish(2);
        String newest = objects.list("image/", "", 10).getLast().key();
        objects.delete(newest);
        assertThat(compact("--image", "--json")).isZero();
        assertThat(spoken.out())
                .contains("\"damaged\" : \"Object " + newest, "used instead: the image at 0/3E8", "\"rows\" : 4")
                .contains("\"leftDamaged\" : [ ]");
        assertThat(spoken.err()).contains("warning: the archive is damaged: Object " + newest);
        assertThat(run("check")).isEqualTo(FailureKind.DAMAGED.exitCode());
        assertThat(spoken.out().lines().filter(line -> line.startsWith("damage")))
                .singleElement(InstanceOfAssertFactories.STRING)
                .containsOnlyOnce(newest)
                .containsOnlyOnce("INV-");
    }

    @Test
    void whatCannotBeReadIsLeftAndAllElseIsDone() {
        harmOneWhoseSourcesAreGone();
        assertThat(compact("--image")).isEqualTo(FailureKind.DAMAGED.exitCode());
        assertThat(spoken.out())
                .contains("1 merge: 17 segments became 2")
                .contains("Damaged, and left as it is: Object segment/")
                .doesNotContain("An image of");
        assertThat(compact("--image", "--json")).isEqualTo(FailureKind.DAMAGED.exitCode());
        assertThat(spoken.out()).contains("\"kind\" : \"DAMAGED\"");
    }

    @Test
    void besideCaptureItIsSaidAndTheRestGoesOn() throws InterruptedException {
        harmOneWhoseSourcesAreGone();
        publish(18 * 16);
        BlockingQueue<ReinstateException> failures = new LinkedBlockingQueue<>();
        try (BackgroundMaintenance maintenance = new BackgroundMaintenance(
                () -> Archive.openMaintenance(objects, settings),
                Optional.empty(),
                Duration.ofDays(1),
                new MaintenanceListener() {
                    @Override
                    public void failed(ReinstateException failure) {
                        failures.add(failure);
                    }
                })) {
            maintenance.start();
            ReinstateException failure = failures.poll(60, TimeUnit.SECONDS);
            assertThat(failure).isNotNull();
            assertThat(failure.kind()).isEqualTo(FailureKind.DAMAGED);
            // the damaged one; sixteen after it in one; three that wait for others
            Instant patience = Instant.now().plusSeconds(60);
            while (segments() > 5 && Instant.now().isBefore(patience)) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            assertThat(segments()).isEqualTo(5);
        }
        assertThat(failures).isEmpty();
    }

    private long segments() {
        return Archive.openReader(objects, settings).state().segmentCount();
    }
}
