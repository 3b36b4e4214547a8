package dev.reinstate.postgres.catalogue;

import dev.reinstate.model.TableName;

/**
 * A relation that looks like a table and is never captured: its rows are other tables', other servers' or an
 * extension's own.
 *
 * @param of what it is made of: the extension's or the foreign server's name; empty for a view
 */
public record OtherRelation(TableName name, Kind kind, String of) {
    /** Why it is not captured. */
    public enum Kind {
        VIEW,
        MATERIALISED_VIEW,
        FOREIGN_TABLE,
        EXTENSION_TABLE
    }
}
