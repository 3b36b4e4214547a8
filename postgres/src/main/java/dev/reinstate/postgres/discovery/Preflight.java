package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.util.Collection;
import java.util.List;

/** Looks at everything a store must allow, all at once, and says how to get what is missing. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class Preflight {
    private Preflight() {}

    /** How a need stands. */
    public enum Status {
        OK,
        /** Works, with less: the finding says what is lost. */
        DEGRADED,
        /** Cannot go on without. */
        MISSING
    }

    /**
     * One need.
     *
     * @param need short name, for example {@code wal_level}
     * @param found what is there, for a person
     * @param sql the exact statements for an owner or DBA that would mend it; empty when nothing is to be done
     */
    public record Finding(String need, Status status, String found, List<String> sql) {
        public Finding {
            sql = List.copyOf(sql);
        }
    }

    /** What protecting those tables needs of the source. */
    public static List<Finding> checkSource(
            Connection connection, Catalogue catalogue, Collection<TableName> tables, SourceNames names) {
        throw new UnsupportedOperationException(connection.toString() + catalogue + tables + names);
    }

    /** What reinstating into those tables needs of the target. */
    public static List<Finding> checkTarget(Connection connection, Catalogue catalogue, Collection<TableName> tables) {
        throw new UnsupportedOperationException(connection.toString() + catalogue + tables);
    }
}
