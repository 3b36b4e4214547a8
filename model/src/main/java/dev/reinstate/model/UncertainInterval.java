package dev.reinstate.model;

/**
 * Rows of a table may not be right at the commit positions P with {@code from <= P < to}: something happened to them
 * that the change stream does not show, such as a rewrite.
 *
 * @param from the first position at which the rows may not be right
 * @param to the position of the table image that made them right again: every commit before it is in that image
 * @param reason for people
 */
public record UncertainInterval(int oid, TableName table, Lsn from, Lsn to, String reason) {
    /**
     * Whether the state right after every commit at or before the position may be wrong. Right before {@code to} it is
     * not: the table image already serves it, as an image does.
     */
    public boolean covers(Lsn position) {
        return !position.isBefore(from) && position.isBefore(to.previous());
    }
}
