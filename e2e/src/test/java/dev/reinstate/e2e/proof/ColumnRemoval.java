package dev.reinstate.e2e.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Takes a column out of statements: out of the lists of inserts and copies; other statements that name it are left out. */
final class ColumnRemoval {
    private final ProofTable table;
    private final String column;

    private ColumnRemoval(ProofTable table, String column) {
        this.table = table;
        this.column = ProofTable.quote(column);
    }

    /** Empty when a statement names it in a way that is not understood. */
    static Optional<List<Step>> without(List<Step> steps, ProofTable table, String column) {
        ColumnRemoval removal = new ColumnRemoval(table, column);
        List<Step> rest = new ArrayList<>();
        for (Step step : steps) {
            boolean concerned = step.actor() != Step.CAPTURE && removal.concerns(step.sql());
            if (!concerned) {
                rest.add(step);
            } else if (step.sql().startsWith("INSERT ") || step.sql().startsWith("COPY ")) {
                Optional<String> sql = removal.without(step.sql());
                if (sql.isEmpty()) {
                    return Optional.empty();
                }
                rest.add(new Step(step.actor(), sql.get(), step.afterwards()));
            }
        }
        return Optional.of(rest);
    }

    private boolean concerns(String sql) {
        return table.isNamedIn(sql) && sql.contains(column);
    }

    private Optional<String> without(String sql) {
        if (!sql.startsWith("INSERT INTO " + table.sql()) && !sql.startsWith("COPY " + table.sql())) {
            return Optional.empty(); // into another table
        }
        int open = sql.indexOf(
                '(', sql.indexOf(table.name.name()) + table.name.name().length());
        int close = closing(sql, open);
        List<String> columns = parts(sql.substring(open + 1, close));
        int at = columns.indexOf(column);
        if (at < 0) {
            return Optional.empty();
        }
        columns.remove(at);
        String head = sql.substring(0, open + 1) + String.join(", ", columns) + ")";
        String tail = sql.substring(close + 1);
        if (sql.startsWith("COPY ")) {
            int lines = tail.indexOf('\n') + 1;
            StringBuilder text = new StringBuilder(head).append(tail, 0, lines);
            tail.substring(lines).lines().forEach(line -> {
                List<String> values = new ArrayList<>(Arrays.asList(line.split("\t", -1)));
                values.remove(at);
                text.append(String.join("\t", values)).append('\n');
            });
            return Optional.of(text.toString());
        }
        if (!tail.startsWith(" VALUES (")) {
            return Optional.empty();
        }
        int begin = tail.indexOf('(');
        int end = closing(tail, begin);
        List<String> values = parts(tail.substring(begin + 1, end));
        values.remove(at);
        return Optional.of(head + " VALUES (" + String.join(", ", values) + tail.substring(end));
    }

    /** Where the parenthesis is closed that is opened there; quotes may hold others. */
    private static int closing(String sql, int open) {
        int depth = 0;
        char quote = 0;
        for (int i = open; i < sql.length(); i++) {
            char c = sql.charAt(i);
            quote = quote == 0 ? (c == '\'' || c == '"' ? c : 0) : (c == quote ? 0 : quote);
            if (quote == 0) {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (depth == 0) {
                    return i;
                }
            }
        }
        throw new IllegalArgumentException("no end of a parenthesis in " + sql);
    }

    /** What commas divide, but for those in quotes and parentheses. */
    private static List<String> parts(String list) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        int depth = 0;
        char quote = 0;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            quote = quote == 0 ? (c == '\'' || c == '"' ? c : 0) : (c == quote ? 0 : quote);
            if (quote == 0) {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (c == ',' && depth == 0) {
                    parts.add(list.substring(from, i).strip());
                    from = i + 1;
                }
            }
        }
        parts.add(list.substring(from).strip());
        return parts;
    }
}
