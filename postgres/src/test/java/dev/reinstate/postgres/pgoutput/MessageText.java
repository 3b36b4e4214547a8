package dev.reinstate.postgres.pgoutput;

import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.OldTuple;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes messages as lines that are the same on every run. */
final class MessageText {
    private static final int LONG_VALUE = 100;
    private static final int FIRST_USER_OID = 16_384;

    private final Map<Integer, String> tables = new HashMap<>();

    String of(PgOutputMessage message) {
        return switch (message) {
            case PgOutputMessage.Begin b -> "begin";
            case PgOutputMessage.Commit c -> "commit";
            case PgOutputMessage.Origin o -> "origin " + o.name();
            case PgOutputMessage.Relation r -> relation(r);
            case PgOutputMessage.Type t -> "type " + t.schema() + "." + t.name();
            case PgOutputMessage.Insert i -> "insert " + table(i.oid()) + " " + tuple(i.row());
            case PgOutputMessage.Update u ->
                "update " + table(u.oid()) + " "
                        + u.old().map(o -> old(o) + " -> ").orElse("") + tuple(u.row());
            case PgOutputMessage.Delete d -> "delete " + table(d.oid()) + " " + old(d.old());
            case PgOutputMessage.Truncate t ->
                "truncate " + t.oids().stream().map(this::table).collect(Collectors.joining(", "))
                        + (t.cascade() ? " cascade" : "")
                        + (t.restartIdentity() ? " restart-identity" : "");
            case PgOutputMessage.LogicalMessage m ->
                "message " + (m.transactional() ? "transactional " : "") + m.prefix() + " \""
                        + new String(m.content(), StandardCharsets.UTF_8) + "\"";
        };
    }

    private String table(int oid) {
        return tables.getOrDefault(oid, "unknown");
    }

    private String relation(PgOutputMessage.Relation relation) {
        tables.put(relation.oid(), relation.table().toString());
        String columns = relation.columns().stream()
                .map(c -> c.name() + ":" + (c.typeOid() < FIRST_USER_OID ? c.typeOid() : "user")
                        + (c.partOfKey() ? " key" : ""))
                .collect(Collectors.joining(", "));
        return "relation " + relation.table() + " " + relation.identity().name().toLowerCase(Locale.ROOT) + " ("
                + columns + ")";
    }

    private static String old(OldTuple old) {
        return (old.kind() == OldTuple.Kind.KEY ? "key" : "row") + tuple(old.tuple());
    }

    private static String tuple(Tuple tuple) {
        return IntStream.range(0, tuple.columnCount())
                .mapToObj(c -> {
                    if (tuple.isUnchanged(c)) {
                        return "UNCHANGED";
                    }
                    return tuple.valueLength(c) > LONG_VALUE
                            ? tuple.valueLength(c) + " bytes"
                            : tuple.text(c).orElse("NULL");
                })
                .collect(Collectors.joining("|", "[", "]"));
    }
}
