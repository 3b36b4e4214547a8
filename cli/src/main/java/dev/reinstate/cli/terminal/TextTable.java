package dev.reinstate.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns: texts to the left, numbers to the right, a ruled heading, no trailing blanks. */
public final class TextTable {
    private static final String GAP = "  ";

    private final List<String> headings = new ArrayList<>();
    private final List<Boolean> rightAligned = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** Adds a column of texts. */
    public TextTable text(String heading) {
        headings.add(heading);
        rightAligned.add(false);
        return this;
    }

    /** Adds a column of numbers. */
    public TextTable number(String heading) {
        headings.add(heading);
        rightAligned.add(true);
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
        return this;
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The lines, heading first. */
    public List<String> lines() {
        List<Integer> widths = new ArrayList<>();
        for (int column = 0; column < headings.size(); column++) {
            int index = column;
            int width =
                    rows.stream().mapToInt(row -> width(row.get(index))).max().orElse(0);
            widths.add(Math.max(width, width(headings.get(column))));
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(headings, widths));
        lines.add(line(widths.stream().map("─"::repeat).toList(), widths));
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    private String line(List<String> cells, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String padding = " ".repeat(widths.get(column) - width(cells.get(column)));
            line.append(column == 0 ? "" : GAP)
                    .append(rightAligned.get(column) ? padding : "")
                    .append(cells.get(column))
                    .append(rightAligned.get(column) ? "" : padding);
        }
        return line.toString().stripTrailing();
    }

    /** Of what is seen: colour codes take no room. */
    private static int width(String cell) {
        String seen = cell.indexOf('\u001b') < 0 ? cell : cell.replaceAll("\u001b\\[[0-9;]*m", "");
        return seen.codePointCount(0, seen.length());
    }
}
