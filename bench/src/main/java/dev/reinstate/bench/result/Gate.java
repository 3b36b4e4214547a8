package dev.reinstate.bench.result;

import java.util.Locale;
import java.util.Optional;

/**
 * A target and what was reached.
 *
 * @param what is compared, for people
 * @param bound which side of the target is good
 * @param target the number to reach
 * @param reached a value a run, judged by its median; empty when a side of it was skipped
 */
public record Gate(String what, Bound bound, double target, Optional<Series> reached) {
    private static final double TOLERANCE = 1.1;

    /** Which side of a target is good. */
    public enum Bound {
        AT_LEAST("≥"),
        AT_MOST("≤");

        private final String sign;

        Bound(String sign) {
            this.sign = sign;
        }
    }

    /** What came of a gate. */
    public enum Verdict {
        PASS,
        MISS,
        SKIPPED
    }

    public static Gate atLeast(String what, double target, Series reached) {
        return new Gate(what, Bound.AT_LEAST, target, Optional.of(reached));
    }

    public static Gate atMost(String what, double target, Series reached) {
        return new Gate(what, Bound.AT_MOST, target, Optional.of(reached));
    }

    public static Gate skipped(String what, Bound bound, double target) {
        return new Gate(what, bound, target, Optional.empty());
    }

    /** A thing that held in every run or did not. */
    public static Gate held(String what, boolean held) {
        return atLeast(what, 1, Series.of(held ? 1 : 0));
    }

    public Verdict verdict() {
        return reached.map(this::judge).orElse(Verdict.SKIPPED);
    }

    private Verdict judge(Series series) {
        boolean good = bound == Bound.AT_LEAST ? series.median() >= target : series.median() <= target;
        return good ? Verdict.PASS : Verdict.MISS;
    }

    /**
     * Whether every run is worse than each of those before, by more than a tenth; target or not, what was reached is not to
     * be lost again.
     */
    public boolean isWorseThan(Series before) {
        return reached.filter(now -> bound == Bound.AT_LEAST
                        ? now.max() * TOLERANCE < before.min()
                        : now.min() > before.max() * TOLERANCE)
                .isPresent();
    }

    /** The target as people write it. */
    public String targetText() {
        return String.format(Locale.ROOT, "%s %s", bound.sign, Numbers.text(target));
    }
}
