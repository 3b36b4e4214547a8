package dev.reinstate.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names someone may have meant. */
public final class NearNames {
    private static final int SHOWN = 5;

    private record Near(String name, int distance) {}

    private NearNames() {}

    /** The nearest few, nearest first; none when nothing is near. */
    public static List<String> of(String wanted, Collection<String> names) {
        int farthest = Math.max(2, wanted.length() / 3);
        String lower = wanted.toLowerCase(Locale.ROOT);
        return names.stream()
                .map(name -> new Near(name, distance(lower, name.toLowerCase(Locale.ROOT), farthest)))
                .filter(near -> near.distance() <= farthest)
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
                .limit(SHOWN)
                .map(Near::name)
                .toList();
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

    /** Edits (insert, delete, replace, swap of neighbours) between two texts; more than {@code farthest} is just more. */
    private static int distance(String a, String b, int farthest) {
        if (Math.abs(a.length() - b.length()) > farthest) {
            return farthest + 1;
        }
        int[][] rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : edits(a, b, rows, i, j);
            }
        }
        return rows[a.length()][b.length()];
    }

    private static int edits(String a, String b, int[][] rows, int i, int j) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(rows[i - 1][j - 1] + (same ? 0 : 1), Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
    }
}
