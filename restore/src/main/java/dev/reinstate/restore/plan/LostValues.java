package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.util.List;

/** Told of values of then that do not come back because what they referred to is gone. */
public interface LostValues {
    /** Nobody wants to know. */
    LostValues UNKEPT = (table, columns, values) -> {};

    /**
     * A row loses some.
     *
     * @param columns of its key, and those that lose their value
     */
    void lost(TableName table, List<String> columns, Tuple values);
}
