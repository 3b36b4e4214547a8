package dev.reinstate.bench.result;

import java.util.Optional;

/**
 * One line of a result.
 *
 * @param what was measured, for people
 * @param series its values; empty when it was not measured
 * @param unit of the values
 * @param note why it was not measured, or what to know about it; may be empty
 */
public record Row(String what, Optional<Series> series, String unit, String note) {
    public static Row of(String what, Series series, String unit) {
        return new Row(what, Optional.of(series), unit, "");
    }

    public static Row of(String what, Series series, String unit, String note) {
        return new Row(what, Optional.of(series), unit, note);
    }

    public static Row skipped(String what, String reason) {
        return new Row(what, Optional.empty(), "", "skipped: " + reason);
    }
}
