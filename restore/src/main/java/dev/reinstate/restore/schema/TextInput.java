package dev.reinstate.restore.schema;

import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a type makes of texts, by its own input and output functions, its length and its domain's conditions included,
 * just as COPY would. Works in the running transaction, which stays usable whatever the texts are. Not thread-safe.
 */
public final class TextInput {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Data exceptions, broken conditions of domains, and what functions of those raise. */
    private static final Set<String> REFUSALS = Set.of("22", "23", "P0");

    /** What types say whose values name objects of the server; and the server of a question that is none. */
    private static final Set<String> NAMES_NOTHING = Set.of("42", "3F", "0A");

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final Connection connection;
    private final Map<String, Question> questions = new HashMap<>();

    public TextInput(Connection connection) {
        this.connection = connection;
    }

    /** Each text as a column of that type would write it; empty for one it does not take. */
    public List<Optional<String>> convert(String type, List<String> texts) {
        return convert(type, texts, texts.size());
    }

    /**
     * The same, ending once that many were refused. Costs one query, and where texts are refused a few more for each of
     * them.
     *
     * @param type as {@code format_type} writes it
     */
    List<Optional<String>> convert(String type, List<String> texts, int mostRefused) {
        List<Optional<String>> converted = new ArrayList<>();
        if (!texts.isEmpty()) {
            Question question = questions.computeIfAbsent(type, t -> Question.of(t, isJson(t)));
            new Conversion(question, mostRefused, converted).run(texts);
        }
        return converted;
    }

    /** A query over a JSON array, of objects or of plain strings. */
    private record Question(String sql, boolean objects) {
        /** A JSON string is a JSON value to JSON's own types, and a text to all others. */
        static Question of(String type, boolean json) {
            return json
                    ? new Question(
                            "SELECT format('%s', t::" + type
                                    + ") FROM json_array_elements_text(?::json) WITH ORDINALITY AS x(t, n) ORDER BY n",
                            false)
                    : new Question(
                            "SELECT format('%s', v) FROM json_to_recordset(?::json) AS x(n int, v " + type
                                    + ") ORDER BY n",
                            true);
        }

        String document(List<String> texts) {
            ArrayNode array = MAPPER.createArrayNode();
            for (int i = 0; i < texts.size(); i++) {
                if (objects) {
                    array.addObject().put("n", i).put("v", texts.get(i));
                } else {
                    array.add(texts.get(i));
                }
            }
            return array.toString();
        }
    }

    private boolean isJson(String type) {
        return Query.one(connection, "Looking at type " + type, """
                WITH RECURSIVE base AS (
                    SELECT oid, typtype, typbasetype FROM pg_type WHERE oid = ?::regtype
                    UNION ALL
                    SELECT t.oid, t.typtype, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.typbasetype
                     WHERE base.typtype = 'd')
                SELECT bool_or(oid IN ('pg_catalog.json'::regtype, 'pg_catalog.jsonb'::regtype)) FROM base
                """, row -> row.getBoolean(1), type);
    }

    /** Halves what is refused until single texts are left. */
    private final class Conversion {
        private final Question question;
        private final List<Optional<String>> converted;
        private int refusalsLeft;

        Conversion(Question question, int mostRefused, List<Optional<String>> converted) {
            this.question = question;
            this.refusalsLeft = mostRefused;
            this.converted = converted;
        }

        void run(List<String> texts) {
            if (refusalsLeft == 0) {
                return;
            }
            Optional<List<String>> all = attempt(question, texts);
            if (all.isPresent()) {
                all.get().forEach(text -> converted.add(Optional.of(text)));
            } else if (texts.size() == 1) {
                converted.add(Optional.empty());
                refusalsLeft--;
            } else {
                int half = texts.size() / 2;
                run(texts.subList(0, half));
                run(texts.subList(half, texts.size()));
            }
        }
    }

    private Optional<List<String>> attempt(Question question, List<String> texts) {
        try {
            Savepoint before = connection.setSavepoint();
            try (PreparedStatement statement = connection.prepareStatement(question.sql())) {
                statement.setString(1, question.document(texts));
                List<String> all = all(statement);
                connection.releaseSavepoint(before);
                return Optional.of(all);
            } catch (SQLException e) {
                connection.rollback(before);
                String state = PostgresFailure.state(e);
                boolean refused = REFUSALS.stream().anyMatch(state::startsWith);
                if (refused
                        || (namesNothing(state)
                                && !texts.isEmpty()
                                && attempt(question, List.of()).isPresent())) {
                    return Optional.empty();
                }
                throw e;
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Asking what a type makes of values", e);
        }
    }

    private static boolean namesNothing(String state) {
        return !state.equals(INSUFFICIENT_PRIVILEGE) && NAMES_NOTHING.stream().anyMatch(state::startsWith);
    }

    private static List<String> all(PreparedStatement statement) throws SQLException {
        List<String> all = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                all.add(rows.getString(1));
            }
        }
        return all;
    }
}
