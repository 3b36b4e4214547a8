package dev.reinstate.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns: texts to the left, numbers to the right, a ruled heading, no trailing blanks. */
public final class TextTable {
    private static final String GAP = "  ";

    private final List<String> headings = new ArrayList<>();
    private final List<Boolean> rightAligned = new ArrayList<>();
    private final List<Integer> widths = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a column of texts; all columns come before the first row. */
    public TextTable text(String heading) {
        return column(heading, false);
    }

    /** Adds a column of numbers. */
    public TextTable number(String heading) {
        return column(heading, true);
    }

    private TextTable column(String heading, boolean isNumber) {
        headings.add(heading);
        rightAligned.add(isNumber);
        widths.add(width(heading));
        return this;
    }

    /** Adds a row of as many cells as there are columns. */
    public TextTable row(String... cells) {
        return row(List.of(cells));
    }

    public TextTable row(List<String> cells) {
        if (cells.size() != headings.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + headings.size() + " columns");
        }
        rows.add(List.copyOf(cells));
        for (int column = 0; column < cells.size(); column++) {
            int width = width(cells.get(column));
            if (width > widths.get(column)) {
                widths.set(column, width);
            }
        }
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The lines, heading first. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(rows.size() + 2);
        lines.add(line(headings));
        lines.add(line(widths.stream().map("─"::repeat).toList()));
        rows.forEach(row -> lines.add(line(row)));
        return lines;
    }

    private String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            int padding = widths.get(column) - width(cell);
            line.append(column == 0 ? "" : GAP);
            if (rightAligned.get(column)) {
                line.repeat(' ', padding).append(cell);
            } else {
                line.append(cell).repeat(' ', padding);
            }
        }
        return line.toString().stripTrailing();
    }

    /** Of what is seen: colour codes take no room. */
    private static int width(String cell) {
        String seen = cell.indexOf('\u001b') < 0 ? cell : cell.replaceAll("\u001b\\[[0-9;]*m", "");
        return seen.codePointCount(0, seen.length());
    }
}
