package dev.reinstate.postgres.ddl;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.ToldTable;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.Optional;

/** What an event trigger said of one table, within the transaction that did it. */
public sealed interface DdlMessage {
    int oid();

    TableName name();

    /** The command's tag, such as {@code ALTER TABLE}. */
    String command();

    /** The table is so from here on. */
    record Defined(int oid, TableName name, String command, Table table) implements DdlMessage {}

    /** Its rows are written anew, perhaps with other values. */
    record Rewritten(int oid, TableName name, String command) implements DdlMessage {}

    record Gone(int oid, TableName name, String command) implements DdlMessage {}

    /** Empty for a message of another kind. The connection's server reads it. */
    static Optional<DdlMessage> read(PgOutputMessage.LogicalMessage message, Connection connection) {
        String json = new String(message.content(), StandardCharsets.UTF_8);
        if (!message.transactional() || !message.prefix().equals("reinstate") || !json.startsWith("{\"ddl\": 1,")) {
            return Optional.empty();
        }
        return Optional.of(Query.one(
                connection,
                "Cannot read what an event trigger said",
                """
                SELECT j ->> 'oid', j ->> 'schema', j ->> 'name', j ->> 'command', j ?? 'rewrite', j ?? 'gone'
                  FROM (SELECT ?::jsonb AS j) d
                """,
                row -> {
                    int oid = Integer.parseUnsignedInt(row.getString(1));
                    TableName name = new TableName(row.getString(2), row.getString(3));
                    String command = row.getString(4);
                    if (row.getBoolean(6)) {
                        return new Gone(oid, name, command);
                    }
                    return row.getBoolean(5)
                            ? new Rewritten(oid, name, command)
                            : new Defined(oid, name, command, ToldTable.read(connection, json));
                },
                json));
    }
}
