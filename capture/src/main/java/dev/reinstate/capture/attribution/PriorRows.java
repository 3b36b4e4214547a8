package dev.reinstate.capture.attribution;

import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import java.util.Set;
import java.util.function.Consumer;

/** Rows as they were before the transaction that is being attributed. */
public interface PriorRows {
    /** Says that rows will be asked for; before any change of the transaction was handed on. May take a while. */
    void prepare();

    /** All rows of tables that the map knows by those names in a partition, one by one. */
    void forEach(Partition partition, Set<TableName> tables, Consumer<FoldedRow> rows);

    /** All rows of tables that the map knows by those names, whoever's they are, one by one. */
    void forEach(Set<TableName> tables, Consumer<FoldedRow> rows);
}
