package dev.reinstate.bench.product;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Partition;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is synthesised is an archive like any other, and of the shape asked for. */
class SyntheticArchiveTest {
    @Test
    void isReadLikeAnyOther(@TempDir Path folder) throws Exception {
        SyntheticArchive archive =
                SyntheticArchive.write(folder.resolve("synthetic"), new SyntheticArchive.Shape(5, 40, 3, 4, 7, 2));
        try (CountingStore objects = new CountingStore(archive.objects())) {
            ArchiveReader reader = SyntheticArchive.open(archive.folder(), objects);
            assertThat(reader.tenants()).hasSize(5);
            int rows = 0;
            int changed = 0;
            try (ArchiveReader.RowStream folded = reader.fold(
                    Partition.of(SyntheticArchive.LARGE),
                    reader.ranges().getLast().lastPosition(),
                    table -> true)) {
                while (folded.hasNext()) {
                    var tuple = folded.next().tuple();
                    boolean done = tuple.columnCount() > 2
                            && tuple.text(2)
                                    .filter(state -> state.startsWith("done"))
                                    .isPresent();
                    rows++;
                    changed += done ? 1 : 0;
                }
            }
            assertThat(rows).isEqualTo(41);
            assertThat(changed).isBetween(1, 28);
            assertThat(objects.objectsRead("segment/")).isEqualTo(4);
        }
    }
}
