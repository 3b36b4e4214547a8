package dev.reinstate.bench.product;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;

/** A command that ends with the first row of a tenant folded to the end of history; started by a bench. */
public final class FirstRow {
    private FirstRow() {}

    /** The folder of a {@link SyntheticArchive}, and a tenant. */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        try (ObjectStore objects = SyntheticArchive.objects(folder)) {
            ArchiveReader reader = SyntheticArchive.open(folder, objects);
            Lsn end = reader.ranges().getLast().lastPosition();
            try (ArchiveReader.RowStream rows =
                    reader.fold(Partition.of(new TenantId(arguments[1])), end, table -> true)) {
                System.out.println(rows.next().table().name());
            }
        }
    }
}
