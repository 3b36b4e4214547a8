package dev.reinstate.demo.saas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The statements of a resource file, each ended by a semicolon at the end of a line; {@code $name$} is a number. */
record SqlScript(List<String> statements) {
    static SqlScript read(String name) {
        try (InputStream in = Objects.requireNonNull(SqlScript.class.getResourceAsStream(name), name)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new SqlScript(Arrays.stream(text.split(";\\R"))
                    .map(String::strip)
                    .filter(statement -> !statement.isEmpty())
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SqlScript with(Map<String, Long> numbers) {
        return new SqlScript(
                statements.stream().map(statement -> filled(statement, numbers)).toList());
    }

    private static String filled(String statement, Map<String, Long> numbers) {
        String text = statement;
        for (Map.Entry<String, Long> number : numbers.entrySet()) {
            text = text.replace("$" + number.getKey() + "$", Long.toString(number.getValue()));
        }
        return text;
    }

    /** Runs them one after the other; the rows they wrote. */
    long run(Connection connection) throws SQLException {
        long rows = 0;
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
                rows += Math.max(0, statement.getLargeUpdateCount());
            }
        }
        return rows;
    }
}
