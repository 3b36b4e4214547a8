package dev.reinstate.e2e;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Loads exports as a person would: SQL as psql reads it, CSV with COPY, JSON with {@code json_populate_record}. */
final class ExportLoader {
    private static final Pattern CSV_FIELD = Pattern.compile("\"((?:[^\"]|\"\")*)\"|([^,]+)");

    private ExportLoader() {}

    private interface Loading {
        void load(Connection connection, CopyManager copying) throws SQLException, IOException;
    }

    private static void load(StoreUnderTest store, Loading loading) {
        try (Connection connection = store.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            loading.load(connection, connection.unwrap(PGConnection.class).getCopyAPI());
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Statements, and blocks of rows between {@code COPY … FROM stdin;} and {@code \.}. */
    static void sql(StoreUnderTest store, String script) {
        load(store, (connection, copying) -> {
            StringBuilder pending = new StringBuilder();
            List<String> lines = Arrays.asList(script.split("\n", -1));
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                pending.append(line).append('\n');
                if (line.toLowerCase(Locale.ROOT).matches("copy .* from stdin;")) {
                    int end = i + 1 + lines.subList(i + 1, lines.size()).indexOf("\\.");
                    String rows = lines.subList(i + 1, end).stream()
                            .map(row -> row + "\n")
                            .collect(Collectors.joining());
                    copying.copyIn(pending.toString(), new StringReader(rows));
                    pending.setLength(0);
                    i = end;
                } else if (line.endsWith(";")) {
                    execute(connection, pending.toString());
                    pending.setLength(0);
                }
            }
        });
    }

    static void csv(StoreUnderTest store, String table, String text) {
        String header = text.substring(0, text.indexOf('\n')).strip();
        String columns = CSV_FIELD
                .matcher(header)
                .results()
                .map(field -> field.group(1) == null ? field.group(2) : field.group(1))
                .map(name -> "\"" + name + "\"") // a quote is doubled here as it is there
                .collect(Collectors.joining(", "));
        load(
                store,
                (connection, copying) -> copying.copyIn(
                        "COPY " + table + " (" + columns + ") FROM STDIN (FORMAT csv, HEADER true)",
                        new StringReader(text)));
    }

    static void json(StoreUnderTest store, String table, String text) {
        String columns = String.join(", ", store.query("""
                        SELECT quote_ident(attname) FROM pg_attribute
                        WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''""".formatted(table)));
        String insert = """
                INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE
                SELECT %2$s FROM json_populate_record(NULL::%1$s, ?::json)""".formatted(table, columns);
        load(store, (connection, copying) -> {
            try (PreparedStatement statement = connection.prepareStatement(insert)) {
                for (String line : text.split("\n", -1)) {
                    if (!line.isEmpty()) {
                        statement.setString(1, line);
                        statement.execute();
                    }
                }
            }
        });
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
