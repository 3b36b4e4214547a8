package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An image is read from the source; the tenant is deleted there and erased here; then the image is published, of a moment
 * when the tenant was there.
 */
final class ErasedWhileImagedTest {
    private static final TenantId GONE = new TenantId("site-1");

    @TempDir
    Path directory = Path.of("");

    /** Right before any call of the object store. */
    @ParameterizedTest(name = "of one table {0}")
    @ValueSource(booleans = {false, true})
    void theImageDoesNotBringItBack(boolean ofOneTable) {
        for (int turn = 1; ; turn++) {
            ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 11, true);
            MemoryObjectStore objects = new MemoryObjectStore();
            AtomicLong calls = new AtomicLong(Long.MIN_VALUE);
            AtomicBoolean erased = new AtomicBoolean();
            RandomHistory history = new RandomHistory(11, 3, 30);
            ArchiveFixture.create(objects, settings);
            history.fill(12);
            int at = turn;
            ObjectStore store = ArchiveFixture.beforeCall(objects, at, calls, () -> erase(objects, settings, erased));
            boolean wasErased;
            RandomHistory.Transaction last;
            Partition gone = Partition.of(GONE);
            try (ArchiveWriter writer = Archive.openWriter(store, settings)) {
                ArchiveFixture.publishImage(writer, history);
                ArchiveFixture.publishSegment(writer, history, 2);
                Lsn position = history.lsn();
                assertThat(history.rows.get(gone)).isNotEmpty();
                try (ImageWriter image = ofOneTable
                        ? ArchiveFixture.tableImage(writer, history, 100, position)
                        : wholeImage(writer, history)) {
                    ArchiveFixture.publish(writer, List.of(history.clear(gone)));
                    history.partitions.remove(gone);
                    history.rows.remove(gone);
                    last = ArchiveFixture.publishSegment(writer, history, 1).getFirst();
                    calls.set(0);
                    image.publish(position, RandomHistory.START);
                }
                wasErased = erased.get();
            }
            if (!wasErased) {
                erase(objects, settings, erased);
            }
            Lsn after = new Lsn(history.lsn().value() + 100);
            try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
                writer.publishPosition(after, RandomHistory.START);
            }
            ArchiveReader reader = Archive.openReader(objects, settings);
            last.after()
                    .forEach((partition, rows) -> assertThat(ArchiveFixture.fold(
                                    reader, partition, last.commit().commitLsn()))
                            .as("fold of %s, erased before call %d", partition, at)
                            .isEqualTo(rows));
            assertThat(ArchiveFixture.fold(reader, gone, after.previous()))
                    .as("erased before call %d", at)
                    .isEmpty();
            assertThat(Archive.check(objects, settings, true, CheckListener.SILENT)
                            .isSound())
                    .isTrue();
            if (!wasErased) {
                assertThat(turn).isGreaterThan(3);
                return;
            }
        }
    }

    private static ImageWriter wholeImage(ArchiveWriter writer, RandomHistory history) {
        ImageWriter image = writer.beginImage();
        history.addImageTo(image);
        return image;
    }

    private static void erase(ObjectStore objects, ArchiveSettings settings, AtomicBoolean erased) {
        try (ArchiveMaintenance maintenance = Archive.openMaintenance(objects, settings)) {
            maintenance.scheduleErasure(GONE, RandomHistory.START, "asked to be forgotten");
            maintenance.executeErasure(GONE);
            erased.set(true);
        }
    }
}
