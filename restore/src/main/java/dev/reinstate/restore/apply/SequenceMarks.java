package dev.reinstate.restore.apply;

import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.restore.plan.RowShape;
import dev.reinstate.restore.plan.TableLayout;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The highest value restored into every column that a sequence feeds. A sequence that is behind is moved forward to it,
 * never back: values that others have taken meanwhile stay taken. Sequences are not transactional, so a rolled-back
 * restore may leave one further on, which harms nobody.
 */
final class SequenceMarks {
    /** A column of one shape, or of the partitioned table it is a part of, that a sequence feeds. */
    private record Fed(int source, TableName sequence) {}

    private final Map<TableName, Long> highest = new TreeMap<>();
    private final Map<RowShape, List<Fed>> byShape = new HashMap<>();

    void note(TableLayout table, RowShape shape, Tuple row) {
        for (Fed fed : byShape.computeIfAbsent(shape, s -> fed(table, s))) {
            if (!row.isNull(fed.source())) {
                highest.merge(fed.sequence(), number(row, fed.source()), Math::max);
            }
        }
    }

    private static List<Fed> fed(TableLayout table, RowShape shape) {
        List<Fed> all = new ArrayList<>();
        for (TableColumn column : table.table().columns()) {
            int at = shape.sourceOf(column.name());
            if (at >= 0) {
                column.sequences().forEach(sequence -> all.add(new Fed(at, sequence)));
            }
        }
        return all;
    }

    /** Sequences feed integers; anything else in such a column is no reason to move one. */
    private static long number(Tuple row, int column) {
        try {
            return Long.parseLong(row.text(column).orElseThrow());
        } catch (NumberFormatException e) {
            return Long.MIN_VALUE;
        }
    }

    void moveForward(Connection connection) {
        highest.forEach((sequence, value) -> moveForward(connection, sequence, value));
    }

    private static void moveForward(Connection connection, TableName sequence, long value) {
        String sql = """
                SELECT setval(?::regclass, ?)
                FROM %s AS now, pg_sequence AS definition
                WHERE definition.seqrelid = ?::regclass AND definition.seqincrement > 0
                  AND ? BETWEEN now.last_value + CASE WHEN now.is_called THEN 1 ELSE 0 END AND definition.seqmax
                """.formatted(Sql.table(sequence));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, Sql.table(sequence));
            statement.setLong(2, value);
            statement.setString(3, Sql.table(sequence));
            statement.setLong(4, value);
            statement.execute();
        } catch (SQLException e) {
            throw PostgresFailure.of("Moving sequence " + sequence + " forward", e);
        }
    }
}
