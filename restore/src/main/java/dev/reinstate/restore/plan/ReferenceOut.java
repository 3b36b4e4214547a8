package dev.reinstate.restore.plan;

import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import java.util.List;

/**
 * A foreign key of a table with rows to write.
 *
 * @param keyThen columns of the key that its rows had then
 */
record ReferenceOut(Table from, List<String> keyThen, ForeignKey key) {}
