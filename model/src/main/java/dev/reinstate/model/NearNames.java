package dev.reinstate.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** Finds the names someone may have meant. */
public final class NearNames {
    private static final int SHOWN = 5;

    private record Near(String name, int distance) implements Comparable<Near> {
        private static final Comparator<Near> ORDER =
                Comparator.comparingInt(Near::distance).thenComparing(Near::name);

        @Override
        public int compareTo(Near other) {
            return ORDER.compare(this, other);
        }
    }

    private NearNames() {}

    /** The nearest few, nearest first; none when nothing is near. */
    public static List<String> of(String wanted, Collection<String> names) {
        int farthest = Math.max(2, wanted.length() / 3);
        String lower = wanted.toLowerCase(Locale.ROOT);
        TreeSet<Near> nearest = new TreeSet<>();
        for (String name : names) {
            int distance = distance(lower, name.toLowerCase(Locale.ROOT), farthest);
            if (distance <= farthest) {
                nearest.add(new Near(name, distance));
            }
            if (nearest.size() > SHOWN) {
                nearest.pollLast();
            }
            if (nearest.size() == SHOWN) {
                farthest = nearest.last().distance(); // what is farther is not shown any more
            }
        }
        return nearest.stream().map(Near::name).toList();
    }

    /** {@code INVALID}, with the tables that may have been meant. */
    public static ReinstateException noTable(TableName wanted, Collection<TableName> tables) {
        List<String> near =
                of(wanted.toString(), tables.stream().map(TableName::toString).toList());
        return ReinstateException.invalid(
                "There is no table " + wanted,
                near.isEmpty() ? "nothing near it is known" : "near names: " + String.join(", ", near),
                "name it as schema.table, as it stands in the catalogue");
    }

    /**
     * Edits (insert, delete, replace, swap of neighbours) between two texts; more than {@code farthest} is just more. Only
     * beginnings are compared whose lengths are no farther apart than that, and none any more once all are too far.
     */
    private static int distance(String a, String b, int farthest) {
        if (Math.abs(a.length() - b.length()) > farthest) {
            return farthest + 1;
        }
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int[] oldest = beforeLast;
            beforeLast = last;
            last = row;
            row = oldest;
            int from = Math.max(1, i - farthest);
            int to = Math.min(b.length(), i + farthest);
            row[from - 1] = from == 1 ? i : farthest + 1;
            int least = row[from - 1];
            for (int j = from; j <= to; j++) {
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int edits = Math.min(last[j - 1] + (same ? 0 : 1), Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    edits = Math.min(edits, beforeLast[j - 2] + 1);
                }
                row[j] = edits;
                least = Math.min(least, edits);
            }
            if (least > farthest) {
                return farthest + 1; // it never becomes less
            }
            if (to < b.length()) {
                row[to + 1] = farthest + 1;
            }
        }
        return row[b.length()];
    }
}
