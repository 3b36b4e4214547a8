package dev.reinstate.postgres.discovery;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers in sentences. */
final class Counted {
    private Counted() {}

    /** {@code 1 table}, {@code 2 tables}. */
    static String of(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }

    /** {@code 99.5 %}; never rounded up to everything nor down to nothing. */
    static String share(long part, long whole) {
        if (part == whole || part == 0) {
            return whole == 0 || part == 0 ? "0 %" : "100 %";
        }
        double percent = Math.clamp(100.0 * part / whole, 0.1, 99.9);
        return String.format(Locale.ROOT, percent < 1 || percent > 99 ? "%.1f %%" : "%.0f %%", percent);
    }

    /** At most five of them, with commas. */
    static String some(Collection<?> things) {
        String shown = things.stream().limit(5).map(String::valueOf).collect(Collectors.joining(", "));
        return things.size() > 5 ? shown + " and " + (things.size() - 5) + " more" : shown;
    }
}
