package dev.reinstate.restore.apply;

import dev.reinstate.model.Tuple;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import dev.reinstate.restore.plan.TargetTables;
import java.nio.file.Path;
import java.sql.Connection;

/**
 * What the writers of one restore share.
 *
 * @param directory for rows that wait on local disk
 */
record Writing(
        Connection connection,
        TargetTables target,
        RestorePlan plan,
        Path directory,
        ReferenceGuard references,
        SequenceMarks sequences,
        ProgressMeter progress) {
    /** Every row that is written goes by here. */
    void written(TableLayout table, RowShape shape, Tuple row) {
        references.written(table, shape, row);
        sequences.note(table, shape, row);
        progress.add(row.encoded().length);
    }
}
