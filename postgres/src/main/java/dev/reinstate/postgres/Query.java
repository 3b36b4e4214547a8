package dev.reinstate.postgres;

import dev.reinstate.model.ReinstateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Small queries whose whole answer fits in memory, with failures already translated. */
public final class Query {
    private Query() {}

    /** Reads one row where the result set stands. */
    @FunctionalInterface
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** All rows. {@code failure} is the message's what, for example {@code Cannot read the catalogue}. */
    public static <T> List<T> list(
            Connection connection, String failure, String sql, RowReader<T> reader, Object... parameters) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> answer = new ArrayList<>();
                while (rows.next()) {
                    answer.add(reader.read(rows));
                }
                return answer;
            }
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    /** The first row, if there is one. */
    public static <T> Optional<T> first(
            Connection connection, String failure, String sql, RowReader<T> reader, Object... parameters) {
        return list(connection, failure, sql, reader, parameters).stream().findFirst();
    }

    /** The one row there must be. */
    public static <T> T one(
            Connection connection, String failure, String sql, RowReader<T> reader, Object... parameters) {
        return first(connection, failure, sql, reader, parameters)
                .orElseThrow(() -> ReinstateException.bug(failure, "the server's answer has no row"));
    }

    /** Runs statements without parameters, one after another in one message. */
    public static void execute(Connection connection, String failure, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
    }

    /** The texts of a {@code text[]} column; none for NULL. */
    public static List<String> texts(ResultSet row, String column) throws SQLException {
        java.sql.Array array = row.getArray(column);
        return array == null
                ? List.of()
                : Arrays.stream((Object[]) array.getArray())
                        .map(String::valueOf)
                        .toList();
    }
}
