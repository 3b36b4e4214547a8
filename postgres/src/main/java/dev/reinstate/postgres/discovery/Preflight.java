package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;
import java.util.Collection;
import java.util.List;

/** Looks at everything a store must allow, all at once, and says how to get what is missing. */
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
     * @param sql the exact statements for an owner or DBA that would mend it; empty when nothing is to be done, or
     *     nothing by SQL
     */
    public record Finding(String need, Status status, String found, List<String> sql) {
        public Finding {
            sql = List.copyOf(sql);
        }

        static Finding ok(String need, String found) {
            return new Finding(need, Status.OK, found, List.of());
        }
    }

    /** What protecting those tables needs of the source. */
    public static List<Finding> checkSource(
            Connection connection, Catalogue catalogue, Collection<TableName> tables, SourceNames names) {
        return new SourceChecks(ServerFacts.read(connection), connection, catalogue, tables, names).findings();
    }

    /** What the source has that is not captured, whatever the rules say: part of what {@link #checkSource} finds. */
    public static List<Finding> notCaptured(Connection connection, Catalogue catalogue, Collection<TableName> tables) {
        return new NotCaptured(connection, catalogue, tables).findings();
    }

    /** What reinstating into those tables needs of the target. */
    public static List<Finding> checkTarget(Connection connection, Catalogue catalogue, Collection<TableName> tables) {
        return new TargetChecks(ServerFacts.read(connection), connection, catalogue, tables).findings();
    }
}
