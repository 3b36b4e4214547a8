package dev.reinstate.demo.terminal;

import java.util.ArrayList;
import java.util.List;

/** Two aligned columns: what, and how much. Not thread-safe. */
public final class Table {
    private final List<String[]> rows = new ArrayList<>();

    public Table row(String what, String value) {
        rows.add(new String[] {what, value});
        return this;
    }

    /** The rows between two rules. */
    public List<String> lines() {
        int left = rows.stream().mapToInt(row -> row[0].length()).max().orElse(0);
        int right = rows.stream().mapToInt(row -> row[1].length()).max().orElse(0);
        String rule = "   " + "─".repeat(left + right + 3);
        List<String> lines = new ArrayList<>();
        lines.add(rule);
        for (String[] row : rows) {
            lines.add("   " + row[0] + " ".repeat(left - row[0].length() + 3 + right - row[1].length()) + row[1]);
        }
        lines.add(rule);
        return lines;
    }
}
