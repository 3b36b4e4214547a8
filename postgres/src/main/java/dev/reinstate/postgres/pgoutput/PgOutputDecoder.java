package dev.reinstate.postgres.pgoutput;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Begin;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Commit;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Delete;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Insert;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.LogicalMessage;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.OldTuple;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Origin;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Relation;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.RelationColumn;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.ReplicaIdentity;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Truncate;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.Update;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decodes messages of pgoutput, protocol version 1, text values. Pure and without state. */
public final class PgOutputDecoder {
    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private PgOutputDecoder() {}

    /**
     * Decodes the one message the buffer holds and leaves the buffer at its end. Bytes that are no such message are a
     * {@code BUG}, told with their offset.
     */
    public static PgOutputMessage decode(ByteBuffer message) {
        int start = message.position();
        try {
            PgOutputMessage decoded = decodeMessage(message);
            if (message.hasRemaining()) {
                throw malformed(message.position() - start, message.remaining() + " bytes follow the message's end");
            }
            return decoded;
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw malformed(message.position() - start, "the message ends too early");
        } catch (MalformedMessage e) {
            throw malformed(message.position() - start, e.getMessage());
        }
    }

    private static PgOutputMessage decodeMessage(ByteBuffer in) {
        byte type = in.get();
        return switch (type) {
            case 'I' -> insert(in);
            case 'U' -> update(in);
            case 'D' -> delete(in);
            case 'B' -> new Begin(lsn(in), time(in), Integer.toUnsignedLong(in.getInt()));
            case 'C' -> commit(in);
            case 'R' -> relation(in);
            case 'Y' -> new PgOutputMessage.Type(in.getInt(), schema(in), string(in));
            case 'O' -> new Origin(lsn(in), string(in));
            case 'T' -> truncate(in);
            case 'M' -> logicalMessage(in);
            default -> throw new MalformedMessage("a message of unknown type " + type);
        };
    }

    private static Commit commit(ByteBuffer in) {
        expect(in, (byte) 0, "flags");
        return new Commit(lsn(in), lsn(in), time(in));
    }

    private static Insert insert(ByteBuffer in) {
        int oid = in.getInt();
        expect(in, (byte) 'N', "the new row");
        return new Insert(oid, TupleDecoder.decode(in));
    }

    private static Update update(ByteBuffer in) {
        int oid = in.getInt();
        byte part = in.get();
        if (part == 'N') {
            return new Update(oid, Optional.empty(), TupleDecoder.decode(in));
        }
        OldTuple old = old(in, part);
        expect(in, (byte) 'N', "the new row");
        return new Update(oid, Optional.of(old), TupleDecoder.decode(in));
    }

    private static Delete delete(ByteBuffer in) {
        int oid = in.getInt();
        return new Delete(oid, old(in, in.get()));
    }

    private static OldTuple old(ByteBuffer in, byte part) {
        return switch (part) {
            case 'K' -> new OldTuple(OldTuple.Kind.KEY, TupleDecoder.decode(in));
            case 'O' -> new OldTuple(OldTuple.Kind.FULL_ROW, TupleDecoder.decode(in));
            default -> throw new MalformedMessage("a part " + part + " where an old row or key was due");
        };
    }

    private static Relation relation(ByteBuffer in) {
        int oid = in.getInt();
        TableName table = new TableName(schema(in), string(in));
        ReplicaIdentity identity = identity(in.get());
        int count = Short.toUnsignedInt(in.getShort());
        List<RelationColumn> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean partOfKey = (in.get() & 1) != 0;
            columns.add(new RelationColumn(string(in), in.getInt(), in.getInt(), partOfKey));
        }
        return new Relation(oid, table, identity, columns);
    }

    private static ReplicaIdentity identity(byte code) {
        for (ReplicaIdentity identity : ReplicaIdentity.values()) {
            if (identity.code() == code) {
                return identity;
            }
        }
        throw new MalformedMessage("a replica identity of unknown kind " + code);
    }

    private static Truncate truncate(ByteBuffer in) {
        int count = in.getInt();
        int options = in.get();
        if (count < 0 || count > in.remaining() / Integer.BYTES) {
            throw new MalformedMessage("a truncation of " + count + " tables");
        }
        List<Integer> oids = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            oids.add(in.getInt());
        }
        return new Truncate(oids, (options & 1) != 0, (options & 2) != 0);
    }

    private static LogicalMessage logicalMessage(ByteBuffer in) {
        boolean transactional = (in.get() & 1) != 0;
        Lsn lsn = lsn(in);
        String prefix = string(in);
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new MalformedMessage("a content of " + length + " bytes");
        }
        byte[] content = new byte[length];
        in.get(content);
        return new LogicalMessage(transactional, lsn, prefix, content);
    }

    private static void expect(ByteBuffer in, byte expected, String meaning) {
        byte found = in.get();
        if (found != expected) {
            throw new MalformedMessage(found + " where " + meaning + " (" + expected + ") was due");
        }
    }

    private static Lsn lsn(ByteBuffer in) {
        return new Lsn(in.getLong());
    }

    private static Instant time(ByteBuffer in) {
        return POSTGRES_EPOCH.plus(in.getLong(), ChronoUnit.MICROS);
    }

    /** An empty schema stands for {@code pg_catalog}. */
    private static String schema(ByteBuffer in) {
        String schema = string(in);
        return schema.isEmpty() ? "pg_catalog" : schema;
    }

    private static String string(ByteBuffer in) {
        int start = in.position();
        int end = start;
        while (in.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        in.get(bytes).get();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static ReinstateException malformed(int offset, String why) {
        return ReinstateException.bug("Cannot read the change stream at offset " + offset + " of a message", why);
    }
}
