package dev.reinstate.restore;

import dev.reinstate.archive.RowSorter;
import dev.reinstate.restore.schema.SchemaOptions;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * What restores take from outside.
 *
 * @param sorters makes sorters for live rows, for example {@code () -> Archive.rowSorter(settings)}
 * @param workDirectory for rows that have to wait on local disk for their turn; emptied after use
 * @param savedRowsDirectory where live rows are saved before they are changed or deleted, a directory a tenant
 * @param workers tenants restored at the same time, each over a connection of its own, at least 1
 * @param schema what was decided about changes of the schema since then
 */
public record RestoreSettings(
        Supplier<RowSorter> sorters, Path workDirectory, Path savedRowsDirectory, int workers, SchemaOptions schema) {
    /** Where nothing is decided about schema changes. */
    public RestoreSettings(Supplier<RowSorter> sorters, Path workDirectory, Path savedRowsDirectory, int workers) {
        this(sorters, workDirectory, savedRowsDirectory, workers, SchemaOptions.NONE);
    }

    public RestoreSettings {
        if (workers < 1) {
            throw new IllegalArgumentException(workers + " workers");
        }
    }
}
