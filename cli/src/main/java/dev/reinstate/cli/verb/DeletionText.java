package dev.reinstate.cli.verb;

import dev.reinstate.model.TableName;
import dev.reinstate.restore.history.Damage;
import dev.reinstate.restore.history.Deletion;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** How deletions are told to a person. */
final class DeletionText {
    private static final int SHOWN_TABLES = 4;

    private DeletionText() {}

    /** Where it was and what did it. */
    static String origin(Deletion deletion) {
        SortedSet<TableName> gone = deletion.deleted().goneTables();
        if (deletion.xid() == 0 && !gone.isEmpty()) {
            return "between positions " + deletion.position() + " and " + deletion.lastPosition()
                    + (gone.size() == 1 ? ", table gone: " : ", tables gone: ") + named(gone);
        }
        return "position " + deletion.position() + "  transaction " + deletion.xid()
                + (deletion.transactions() > 1 ? " and " + (deletion.transactions() - 1) + " more" : "");
    }

    /** What did the first of it, in a table's column. */
    static String first(Deletion deletion) {
        return deletion.xid() == 0 ? "tables gone" : Long.toString(deletion.xid());
    }

    /** That the moment is not exactly the last one before tables were dropped, where it is so. */
    static Optional<String> uncertainty(Damage damage) {
        return damage.goneTables().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "when tables were dropped, or left out of capture, is not in the change stream and was noticed"
                                + " later (" + named(damage.goneTables())
                                + "): the moment is the last at which the archive is sure of their rows");
    }

    private static String named(SortedSet<TableName> tables) {
        String first =
                tables.stream().limit(SHOWN_TABLES).map(TableName::toString).collect(Collectors.joining(", "));
        return tables.size() > SHOWN_TABLES ? first + " and " + (tables.size() - SHOWN_TABLES) + " more" : first;
    }
}
