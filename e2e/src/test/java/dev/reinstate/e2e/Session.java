package dev.reinstate.e2e;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** One user's connection and dice. */
final class Session {
    private final Connection connection;
    private final Random random;
    private final Set<String> spared;

    Session(Connection connection, Random random, Set<String> spared) throws SQLException {
        this.connection = connection;
        this.random = random;
        this.spared = spared;
        connection.setAutoCommit(true);
        execute("SET deadlock_timeout = '30ms'");
        connection.setAutoCommit(false);
    }

    boolean sparesNobody() {
        return spared.isEmpty();
    }

    int dice(int sides) {
        return random.nextInt(sides);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /** Text with everything that is easily lost in quoting. */
    String text() {
        String[] words = {
            "plain",
            "tab\there",
            "line\nbreak",
            "back\\slash",
            "\\N",
            "quo'te",
            "\"double\"",
            "ünï¢ode",
            "日本",
            "😀",
            "{a,b}",
            "NULL",
            "",
            "\r",
            "%s",
            "$1",
            "\\.",
            "  spaces  "
        };
        StringBuilder text = new StringBuilder();
        for (int n = dice(4); n >= 0; n--) {
            text.append(words[dice(words.length)]).append(dice(100));
        }
        return text.toString();
    }

    /** Text that does not compress, so that it is kept out of line. */
    String bigText(int sizeBytes) {
        StringBuilder text = new StringBuilder(sizeBytes);
        while (text.length() < sizeBytes) {
            text.append(Long.toString(random.nextLong(), 36)).append(dice(30) == 0 ? "\n" : " ");
        }
        return text.toString();
    }

    int execute(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            statement.execute();
            return statement.getUpdateCount();
        }
    }

    /** The first column of the first row. */
    Optional<String> pick(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
            }
        }
    }

    private static void bind(PreparedStatement statement, @Nullable Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }

    /** A tenant that may be written to, of those whose id begins like that. */
    Optional<String> tenant(String prefix) throws SQLException {
        return pick(
                "SELECT id FROM site WHERE id LIKE ? || '%' AND NOT id = ANY (?) ORDER BY md5(id || ?) LIMIT 1",
                prefix, connection.createArrayOf("text", spared.toArray()), dice(1_000_000));
    }

    Optional<Long> page(String tenant) throws SQLException {
        return pick(
                        "SELECT id FROM page WHERE site_id = ? ORDER BY md5(id::text || ?) LIMIT 1",
                        tenant,
                        dice(1_000_000))
                .map(Long::valueOf);
    }

    Optional<Long> member(String tenant) throws SQLException {
        return pick(
                        "SELECT id FROM member WHERE site_id = ? ORDER BY md5(id::text || ?) LIMIT 1",
                        tenant,
                        dice(1_000_000))
                .map(Long::valueOf);
    }

    int count(String sql) throws SQLException {
        return pick(sql).map(Integer::parseInt).orElse(0);
    }

    Savepoint savepoint() throws SQLException {
        return connection.setSavepoint();
    }

    void rollbackTo(Savepoint savepoint) throws SQLException {
        connection.rollback(savepoint);
    }

    PGConnection copying() throws SQLException {
        return connection.unwrap(PGConnection.class);
    }
}
