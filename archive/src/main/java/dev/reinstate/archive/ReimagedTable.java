package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;

/**
 * A table whose rows a table image holds.
 *
 * @param table its name at the image's position
 * @param uncertainFrom the first position from which its rows may not have been right; the image's own position when
 *     they were
 * @param reason why it was taken, for people
 */
public record ReimagedTable(int oid, TableName table, Lsn uncertainFrom, String reason) {}
