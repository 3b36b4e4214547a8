package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** INV-34: two timelines are never in one range beyond their fork. */
final class TimelineTest {
    private static final Instant TIME = RandomHistory.START;
    private static final Lsn DURABLE = new Lsn(0x2000);

    @TempDir
    Path directory = Path.of("");

    private final ObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 3);

    @BeforeEach
    void write() {
        settings = ArchiveFixture.settings(directory, 1 << 20, 3);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            image(writer, new Lsn(0x1000));
            writer.publishPosition(DURABLE, TIME);
        }
    }

    private static void image(ArchiveWriter writer, Lsn position) {
        try (ImageWriter image = writer.beginImage()) {
            image.publish(position, TIME);
        }
    }

    private ArchiveReader reader() {
        return Archive.openReader(objects, settings);
    }

    @Test
    void whatBothHaveInCommonGoesOn() {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            writer.publishTimeline(2, DURABLE, TIME, "never needed");
            writer.publishTimeline(2, DURABLE, TIME, "said twice");
            writer.publishPosition(new Lsn(0x3000), TIME);
        }
        assertThat(reader().state().store().timeline()).isEqualTo(2);
        assertThat(reader().state().gaps()).isEmpty();
        assertThat(reader().ranges()).hasSize(1);
    }

    @Test
    void whatOnlyTheOldOneHasIsKeptApart() {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            writer.publishTimeline(2, DURABLE.previous(), TIME, "they parted before");
            assertThat(writer.state().isContinuous()).isFalse();
            assertThatThrownBy(() -> writer.publishPosition(new Lsn(0x3000), TIME))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT));
            assertThatThrownBy(() -> image(writer, DURABLE.previous())).hasMessageContaining("INV-13");
            image(writer, DURABLE);
            for (int i = 1; i < 70; i++) { // beyond a checkpoint
                writer.publishPosition(new Lsn(0x3000 + i), TIME);
            }
        }
        assertThat(objects.list(Keys.CHECKPOINTS, "", 10)).isNotEmpty();
        ArchiveState state = reader().state();
        assertThat(state.store().timeline()).isEqualTo(2);
        assertThat(state.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.from()).isEqualTo(DURABLE);
            assertThat(gap.to()).contains(DURABLE);
            assertThat(gap.reason()).isEqualTo("they parted before");
        });
        assertThat(reader().ranges()).extracting(ArchiveState.Range::from).containsExactly(new Lsn(0x1000), DURABLE);
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).isSound())
                .isTrue();
    }

    @Test
    void anEarlierOneDoesNotComeBack() {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            writer.publishTimeline(3, DURABLE, TIME, "over two");
            assertThatThrownBy(() -> writer.publishTimeline(2, DURABLE, TIME, "back"))
                    .isInstanceOf(ReinstateException.class)
                    .hasMessageContaining("INV-34");
            writer.publishPosition(new Lsn(0x3000), TIME);
        }
        assertThat(reader().state().store().timeline()).isEqualTo(3);
    }
}
