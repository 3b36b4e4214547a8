package dev.reinstate.bench.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An outcome as aligned text. */
public final class ResultTable {
    private static final String ROW = "  %-58s %12s %12s %12s  %s%n";

    private ResultTable() {}

    /** The whole outcome, ending with a line break. */
    public static String text(Outcome outcome, Machine machine) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%n%s: %s%n", outcome.bench(), outcome.setting()));
        text.append(String.format(Locale.ROOT, "%s%n%n", machine));
        text.append(String.format(Locale.ROOT, ROW, "measured", "median", "min", "max", "unit"));
        outcome.rows().forEach(row -> text.append(line(row)));
        text.append(String.format(Locale.ROOT, "%n" + ROW, "compared", "median", "min", "max", "target"));
        outcome.gates().forEach(gate -> text.append(line(gate)));
        return text.toString();
    }

    private static String line(Row row) {
        String tail = row.note().isEmpty() ? row.unit() : (row.unit() + "  " + row.note()).strip();
        return line(row.what(), row.series().map(List::of).orElse(List.of()), tail);
    }

    private static String line(Gate gate) {
        String tail = String.format(Locale.ROOT, "%-10s %s", gate.targetText(), gate.verdict());
        return line(gate.what(), gate.reached().map(List::of).orElse(List.of()), tail);
    }

    private static String line(String what, List<Series> series, String tail) {
        List<Object> cells = new ArrayList<>(List.of(what));
        if (series.isEmpty()) {
            cells.addAll(List.of("-", "-", "-"));
        } else {
            Series values = series.getFirst();
            cells.addAll(
                    List.of(Numbers.text(values.median()), Numbers.text(values.min()), Numbers.text(values.max())));
        }
        cells.add(tail);
        return String.format(Locale.ROOT, ROW, cells.toArray());
    }
}
