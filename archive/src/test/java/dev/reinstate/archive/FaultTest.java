package dev.reinstate.archive;

import static dev.reinstate.archive.ArchiveFixture.twice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableVersion;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call of the object store fails once, in every way; nothing that was acknowledged may be missing afterwards. */
@ParameterizedClass(name = "encrypted {0}")
@ValueSource(booleans = {false, true})
final class FaultTest {
    private static final long SEED = 11;

    @Parameter
    boolean encrypted;

    @TempDir
    Path directory = Path.of("");

    /** What the caller knows to be durable. */
    private static final class Acknowledged {
        private final List<RandomHistory.Transaction> transactions = new ArrayList<>();
        private final List<TableVersion> versions = new ArrayList<>();
        private Lsn to = Lsn.ZERO;
        private int tableImages;
        private int timeline = ArchiveFixture.STORE.timeline();
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void aKilledWriterLosesNothingAcknowledged(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            MemoryObjectStore memory = new MemoryObjectStore();
            FaultyObjectStore faulty = new FaultyObjectStore(memory);
            faulty.failCall(n, fault, true);
            Acknowledged acknowledged = new Acknowledged();
            boolean finished = false;
            try {
                story(faulty, acknowledged);
                finished = true;
            } catch (ReinstateException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            }
            faulty.heal();
            verifyAfterRestart(memory, acknowledged);
            if (finished) {
                assertThat(n).isGreaterThan(20);
                return;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void oneFailureIsMendedByCallingAgain(FaultyObjectStore.Fault fault) {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, SEED, encrypted);
        long calls = Long.MAX_VALUE;
        for (int n = 1; n <= calls; n++) {
            FaultyObjectStore faulty = new FaultyObjectStore(new MemoryObjectStore());
            ArchiveFixture.create(faulty, settings);
            RandomHistory history = new RandomHistory(SEED, 3, 30);
            history.fill(20);
            Acknowledged acknowledged = new Acknowledged();
            try (ArchiveWriter writer = Archive.openWriter(faulty, settings)) {
                faulty.failCall(n, fault, false);
                try (ImageWriter image = writer.beginImage()) {
                    history.addImageTo(image);
                    twice(() -> image.publish(history.lsn(), RandomHistory.START));
                }
                for (int i = 0; i < 2; i++) {
                    acknowledged.transactions.addAll(ArchiveFixture.publishSegmentTwice(writer, history));
                }
                List<TableVersion> versions = history.tableVersions();
                twice(() -> writer.publishTableVersions(versions));
                acknowledged.versions.addAll(versions);
                twice(() -> writer.publishDefinitions(ArchiveFixture.definitions(history.lsn())));
                Lsn rewritten = history.rewrite(100);
                twice(() -> writer.publishPosition(history.lsn(), RandomHistory.START));
                try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, rewritten)) {
                    twice(() -> image.publish(history.lsn(), RandomHistory.START));
                }
                acknowledged.tableImages = 1;
                acknowledged.transactions.addAll(ArchiveFixture.publishSegmentTwice(writer, history));
                twice(() -> writer.publishTimeline(2, history.lsn(), RandomHistory.START, "not lost"));
                acknowledged.timeline = 2;
                Lsn idle = new Lsn(history.lsn().value() + 1);
                twice(() -> writer.publishPosition(idle, RandomHistory.START.plusSeconds(600)));
                assertThat(writer.state().durableTo()).isEqualTo(idle);
                acknowledged.to = idle;
                calls = faulty.calls();
                faulty.heal();
                ArchiveReader reader = Archive.openReader(faulty, settings);
                assertThat(reader.state()).isEqualTo(writer.state());
                assertThat(reader.state().tableImages()).hasSize(1);
                assertThat(reader.catalogueHistory()).isEqualTo(versions);
                assertThat(reader.definitionsAt(idle)).isPresent();
            }
            verifyAfterRestart(faulty, acknowledged);
        }
        assertThat(calls).isGreaterThan(20);
    }

    private void story(FaultyObjectStore objects, Acknowledged acknowledged) {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, SEED, encrypted);
        RandomHistory history = new RandomHistory(SEED, 3, 30);
        history.fill(20);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            acknowledged.to = history.lsn();
            for (int i = 0; i < 3; i++) {
                publishTableImage(writer, history, acknowledged);
                List<RandomHistory.Transaction> transactions = ArchiveFixture.publishSegment(writer, history, 3);
                acknowledged.transactions.addAll(transactions);
                acknowledged.to = transactions.getLast().commit().endLsn();
            }
            writer.publishTimeline(2, history.lsn(), RandomHistory.START, "not lost");
            acknowledged.timeline = 2;
            Lsn idle = new Lsn(history.lsn().value() + 8);
            writer.publishPosition(idle, RandomHistory.START.plusSeconds(600));
            acknowledged.to = idle;
        }
    }

    private static void publishTableImage(ArchiveWriter writer, RandomHistory history, Acknowledged acknowledged) {
        List<TableVersion> versions = history.tableVersions();
        writer.publishTableVersions(versions);
        acknowledged.versions.addAll(versions);
        writer.publishDefinitions(ArchiveFixture.definitions(history.lsn()));
        Lsn rewritten = history.rewrite(200);
        writer.publishPosition(history.lsn(), RandomHistory.START.plusSeconds(500));
        acknowledged.to = history.lsn();
        try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 200, rewritten)) {
            image.publish(history.lsn(), RandomHistory.START);
        }
        acknowledged.tableImages++;
    }

    private void verifyAfterRestart(ObjectStore objects, Acknowledged acknowledged) {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, SEED + 1, encrypted);
        if (!Archive.exists(objects)) {
            assertThat(acknowledged.to).isEqualTo(Lsn.ZERO);
            ArchiveFixture.create(objects, settings);
        }
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.invariant().equals("INV-17"));
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            assertThat(writer.state().durableTo()).isGreaterThanOrEqualTo(acknowledged.to);
            ArchiveReader reader = Archive.openReader(objects, settings);
            assertThat(reader.state().tableImages().size())
                    .isBetween(acknowledged.tableImages, acknowledged.tableImages + 1);
            assertThat(reader.state().store().timeline()).isGreaterThanOrEqualTo(acknowledged.timeline);
            assertThat(reader.state().gaps()).isEmpty();
            List<TableVersion> versions = reader.catalogueHistory();
            assertThat(versions).hasSizeGreaterThanOrEqualTo(acknowledged.versions.size());
            assertThat(versions.subList(0, acknowledged.versions.size())).isEqualTo(acknowledged.versions);
            for (RandomHistory.Transaction transaction : acknowledged.transactions) {
                ArchiveFixture.assertFolds(reader, transaction.commit().commitLsn(), transaction.after());
            }
        }
    }

    @Test
    void aSecondWriterFencesTheFirst() {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, SEED, encrypted);
        MemoryObjectStore objects = new MemoryObjectStore();
        RandomHistory history = new RandomHistory(SEED, 3, 30);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter first = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(first, history);
            try (ArchiveWriter second = Archive.openWriter(objects, settings)) {
                assertRefused(() -> ArchiveFixture.publishSegment(first, history, 2));
                assertRefused(() -> first.publishPosition(new Lsn(-1), RandomHistory.START));
                ArchiveFixture.publishSegment(second, history, 2);
                assertRefused(() -> first.publishGap(RandomHistory.START, "too late"));
                assertThat(second.state().gaps()).isEmpty();
            }
        }
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.isSound()).isTrue();
    }

    private static void assertRefused(Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.REFUSED);
            assertThat(e.getMessage()).contains("another writer was opened");
        });
    }
}
