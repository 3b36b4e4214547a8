package dev.reinstate.postgres.pgoutput;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One message of the logical replication protocol, version 1 (PostgreSQL documentation, "Logical Replication Message
 * Formats"). Tuples have the columns of the newest {@link Relation} of their oid.
 */
public sealed interface PgOutputMessage {
    /** A transaction begins. {@code xid} is unsigned. */
    record Begin(Lsn commitLsn, Instant commitTime, long xid) implements PgOutputMessage {}

    /** The transaction is complete. */
    record Commit(Lsn commitLsn, Lsn endLsn, Instant commitTime) implements PgOutputMessage {}

    /** The transaction came through a replication origin; right after {@link Begin}. */
    record Origin(Lsn originCommitLsn, String name) implements PgOutputMessage {}

    /**
     * The shape of a table from here on; before its first change in a session and after each change of the catalogue.
     */
    record Relation(int oid, TableName table, ReplicaIdentity identity, List<RelationColumn> columns)
            implements PgOutputMessage {
        public Relation {
            columns = List.copyOf(columns);
        }
    }

    /** @param partOfKey whether it is a column of the replica identity; all are under {@code FULL} */
    record RelationColumn(String name, int typeOid, int typeModifier, boolean partOfKey) {}

    /** A type that is not built in. */
    record Type(int oid, String schema, String name) implements PgOutputMessage {}

    record Insert(int oid, Tuple row) implements PgOutputMessage {}

    /** @param old what was before, when the server says so: key changed, or identity {@code FULL} */
    record Update(int oid, Optional<OldTuple> old, Tuple row) implements PgOutputMessage {}

    record Delete(int oid, OldTuple old) implements PgOutputMessage {}

    record Truncate(List<Integer> oids, boolean cascade, boolean restartIdentity) implements PgOutputMessage {
        public Truncate {
            oids = List.copyOf(oids);
        }
    }

    /** Written by {@code pg_logical_emit_message}. */
    final class LogicalMessage implements PgOutputMessage {
        private final boolean transactional;
        private final Lsn lsn;
        private final String prefix;
        private final byte[] content;

        public LogicalMessage(boolean transactional, Lsn lsn, String prefix, byte[] content) {
            this.transactional = transactional;
            this.lsn = lsn;
            this.prefix = prefix;
            this.content = content;
        }

        /** Whether it is part of the transaction around it; else it stands alone, outside of any. */
        public boolean transactional() {
            return transactional;
        }

        public Lsn lsn() {
            return lsn;
        }

        public String prefix() {
            return prefix;
        }

        /** Not to be changed. */
        public byte[] content() {
            return content;
        }

        /** Without the content, which may be anything. */
        @Override
        public String toString() {
            return "LogicalMessage[" + lsn + ", " + prefix + ", " + content.length + " bytes]";
        }
    }

    /**
     * A row before its change.
     *
     * @param kind what of it is told
     * @param tuple all columns; under {@link Kind#KEY} those outside the replica identity are NULL and mean nothing
     */
    record OldTuple(Kind kind, Tuple tuple) {
        /** How much of the old row the server wrote. */
        public enum Kind {
            KEY,
            FULL_ROW
        }
    }

    /** What a table writes of old rows. */
    enum ReplicaIdentity {
        DEFAULT('d'),
        NOTHING('n'),
        FULL('f'),
        INDEX('i');

        private final char code;

        ReplicaIdentity(char code) {
            this.code = code;
        }

        public char code() {
            return code;
        }
    }
}
