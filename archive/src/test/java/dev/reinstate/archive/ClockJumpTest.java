package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clocks that are wrong: nothing that cannot be undone happens early, nobody is fenced or let in by a time. */
final class ClockJumpTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final TenantId TENANT = new TenantId("gone");
    private static final Duration WAIT = Duration.ofDays(30);

    @TempDir
    Path directory = Path.of("");

    private final ObjectStore objects = new MemoryObjectStore();

    private ArchiveSettings at(Instant now) {
        return new ArchiveSettings(directory, 1 << 20, 3, Clock.fixed(now, ZoneOffset.UTC), new Random(5))
                .withMasterKey(() -> FixedKey.FIRST);
    }

    /** An empty store: its history is durable to the position, which the source reached at that time. */
    private void write(Lsn to, Instant time) {
        if (!Archive.exists(objects)) {
            ArchiveFixture.create(objects, at(NOW));
        }
        try (ArchiveWriter writer = Archive.openWriter(objects, at(NOW))) {
            if (writer.state().images().isEmpty()) {
                try (ImageWriter image = writer.beginImage()) {
                    image.publish(new Lsn(0x1000), NOW);
                }
            }
            writer.publishPosition(to, time);
        }
    }

    private ArchiveMaintenance maintenance(Instant now) {
        return Archive.openMaintenance(objects, at(now));
    }

    @Test
    void aClockThatJumpedAheadErasesNothingEarly() {
        write(new Lsn(0x2000), NOW);
        maintenance(NOW).scheduleErasure(TENANT, NOW.plus(WAIT), "asked");
        assertRefused(NOW.plus(Duration.ofDays(400)), "may not be due yet");
        write(new Lsn(0x3000), NOW.plus(WAIT).minus(Duration.ofHours(2)));
        assertRefused(NOW.plus(Duration.ofDays(400)), "may not be due yet");
        write(new Lsn(0x4000), NOW.plus(WAIT));
        assertRefused(NOW.plus(WAIT).minusSeconds(1), "is not due yet"); // the source's jumped ahead, ours did not
        maintenance(NOW.plus(WAIT)).executeErasure(TENANT);
    }

    @Test
    void whoeverSaysThatNothingIsCapturedAnyMoreIsBelieved() {
        write(new Lsn(0x2000), NOW);
        maintenance(NOW).scheduleErasure(TENANT, NOW.plus(WAIT), "asked");
        assertThatThrownBy(() -> maintenance(NOW).executeErasureByClockAlone(TENANT))
                .hasMessageContaining("is not due yet");
        maintenance(NOW.plus(WAIT)).executeErasureByClockAlone(TENANT);
        assertThat(Archive.openReader(objects, at(NOW)).erasures())
                .singleElement()
                .matches(ArchiveReader.Erasure::executed);
    }

    private void assertRefused(Instant now, String why) {
        assertThatThrownBy(() -> maintenance(now).executeErasure(TENANT))
                .isInstanceOfSatisfying(ReinstateException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.REFUSED);
                    assertThat(e).hasMessageContaining(why);
                });
    }

    /** The later writer writes, whatever its clock says. */
    @Test
    void writersAreFencedByNumbersNotByTimes() {
        write(new Lsn(0x2000), NOW);
        try (ArchiveWriter ahead = Archive.openWriter(objects, at(NOW.plus(Duration.ofDays(36_500))));
                ArchiveWriter behind = Archive.openWriter(objects, at(Instant.EPOCH))) {
            assertThatThrownBy(() -> ahead.publishPosition(new Lsn(0x3000), NOW))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.REFUSED));
            behind.publishPosition(new Lsn(0x3000), NOW);
        }
        assertThat(Archive.check(objects, at(NOW), true, CheckListener.SILENT).isSound())
                .isTrue();
    }

    /** The source's clock jumps ahead for two commits and back: a time is answered with nothing stamped after it. */
    @Test
    void aTimeIsNeverAnsweredWithACommitAfterIt() {
        write(new Lsn(0x2000), NOW);
        int[] minutes = {1, 2, 600, 601, 3, 4, 602};
        try (ArchiveWriter writer = Archive.openWriter(objects, at(NOW))) {
            for (int i = 0; i < minutes.length; i++) {
                Lsn lsn = new Lsn(0x3000 + i * 0x100L);
                try (SegmentWriter segment = writer.beginSegment()) {
                    segment.addCommit(new Commit(
                            lsn, new Lsn(lsn.value() + 0x80), NOW.plus(Duration.ofMinutes(minutes[i])), 700 + i, ""));
                    segment.publish(new Lsn(lsn.value() + 0x80));
                }
            }
        }
        ArchiveReader reader = Archive.openReader(objects, at(Instant.EPOCH));
        assertThat(position(reader, 1)).isEqualTo(new Lsn(0x3000));
        assertThat(position(reader, 5)).as("also after it was set back").isEqualTo(new Lsn(0x3100));
        assertThat(position(reader, 600)).isEqualTo(new Lsn(0x3200));
        assertThat(position(reader, 601)).as("what was stamped before again").isEqualTo(new Lsn(0x3500));
        assertThat(position(reader, 602)).isEqualTo(new Lsn(0x3600));
        assertThatThrownBy(() -> position(reader, 603))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE));
    }

    private static Lsn position(ArchiveReader reader, int minute) {
        return reader.positionAt(NOW.plus(Duration.ofMinutes(minute)));
    }
}
