package dev.reinstate.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MomentsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-01-31T12:00:00Z",
                "2026-01-31T12:00Z",
                "2026-01-31 12:00:00Z",
                "2026-01-31 13:00:00+01:00",
                "2026-01-31 13:00:00+01",
                "2026-01-31 13:00:00 +01:00",
                "2026-01-31T13:00:00 Europe/Berlin",
            })
    void oneMomentWrittenInManyWays(String text) {
        assertThat(Moments.time(text)).isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
    }

    @Test
    void microsecondsAsHistoryPrintsThemAreKept() {
        assertThat(Moments.time("2026-01-31T12:00:00.123456Z")).isEqualTo(Instant.parse("2026-01-31T12:00:00.123456Z"));
    }

    @Test
    void withoutAZoneItIsRefusedWithAWayOut() {
        ReinstateException failure =
                catchThrowableOfType(ReinstateException.class, () -> Moments.time("2026-01-31 12:00:00"));
        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(failure.what()).contains("zone");
        assertThat(failure.next()).contains("2026-01-31T12:00Z");
    }

    @Test
    void aTimeThatCameTwiceOrNeverIsRefused() {
        assertThat(catchThrowableOfType(
                                ReinstateException.class, () -> Moments.time("2026-10-25 02:30:00 Europe/Berlin"))
                        .why())
                .contains("twice");
        assertThat(catchThrowableOfType(
                                ReinstateException.class, () -> Moments.time("2026-03-29 02:30:00 Europe/Berlin"))
                        .why())
                .contains("not at all");
    }

    @Test
    void agoIsUnderstood() {
        Instant now = Instant.parse("2026-01-31T12:00:00Z");
        assertThat(Moments.timeOrAgo("2h", now)).isEqualTo(Instant.parse("2026-01-31T10:00:00Z"));
        assertThat(catchThrowableOfType(ReinstateException.class, () -> Moments.timeOrAgo("yesterday", now))
                        .kind())
                .isEqualTo(FailureKind.INVALID);
    }
}
