package dev.reinstate.archive;

import java.time.Duration;

/**
 * How much history is kept.
 *
 * @param window any moment of the last so long can be restored; counted back from the newest moment in the archive, or
 *     from now if that is earlier; not negative
 * @param minimumImages so many images are kept however old they are, at least 1
 */
public record RetentionPolicy(Duration window, int minimumImages) {
    public static final RetentionPolicy DEFAULT = new RetentionPolicy(Duration.ofDays(35), 2);

    public RetentionPolicy {
        if (window.isNegative() || minimumImages < 1) {
            throw new IllegalArgumentException("a window of " + window + " and " + minimumImages + " images");
        }
    }
}
