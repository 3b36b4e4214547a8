package dev.reinstate.archive;

import dev.reinstate.archive.manifest.History;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What time it surely is, for whatever cannot be undone: the earlier of two clocks that do not know each other, this
 * machine's and the source's, whose times are in the archive. Where one of them jumps ahead nothing happens early.
 */
final class SureTime {
    /** History may be so old though the source is captured: what is idle says nothing. */
    static final Duration QUIET = Duration.ofHours(1);

    private SureTime() {}

    /** As this machine's clock says, but not more than {@link #QUIET} after the newest time in the archive. */
    static Instant of(History history, InstantSource clock) {
        Instant now = clock.instant();
        return history.durable()
                .time()
                .map(time -> time.plus(QUIET))
                .filter(latest -> latest.isBefore(now))
                .orElse(now);
    }
}
