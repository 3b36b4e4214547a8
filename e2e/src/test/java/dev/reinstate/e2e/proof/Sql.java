package dev.reinstate.e2e.proof;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** Sends text as psql does, COPY with its lines included. */
final class Sql {
    private Sql() {}

    static void run(Connection connection, String sql) throws SQLException {
        if (sql.startsWith("COPY ") && sql.contains(" FROM STDIN\n")) {
            int lines = sql.indexOf('\n');
            try {
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(sql.substring(0, lines), new StringReader(sql.substring(lines + 1)));
            } catch (IOException e) {
                throw new SQLException(e);
            }
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
