package dev.reinstate.archive.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstantTextTest {
    private static final long SEED = Long.getLong("instant.seed", System.nanoTime());

    @Test
    void readsWhatEveryMomentIsWrittenAs() {
        SplittableRandom random = new SplittableRandom(SEED);
        long first = Instant.parse("-0100-01-01T00:00:00Z").getEpochSecond();
        long last = Instant.parse("+10100-01-01T00:00:00Z").getEpochSecond();
        int[] fractions = {1, 1_000, 1_000_000, 1_000_000_000};
        for (int i = 0; i < 20_000; i++) {
            int unit = fractions[i % fractions.length];
            Instant moment =
                    Instant.ofEpochSecond(random.nextLong(first, last), random.nextLong(1_000_000_000) / unit * unit);
            assertThat(InstantText.parse(moment.toString()))
                    .as("seed %d: %s", SEED, moment)
                    .isEqualTo(moment);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-02-28T23:59:59.5Z",
                "2024-02-29T00:00:00Z",
                "2026-01-01T24:00:00Z",
                "2016-12-31T23:59:60Z",
                "2026-01-01T02:00:00+02:00",
                "2026-01-01t00:00:00z",
                "2026-01-01T00:00:00.Z"
            })
    void readsOtherFormsAsThePlatformDoes(String text) {
        assertThat(InstantText.parse(text)).isEqualTo(Instant.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "2026-01-01T00:00Z",
                "2026-02-29T00:00:00Z",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-01-01T25:00:00Z",
                "2026-01-01T00:60:00Z",
                "2026-01-01T00:00:61Z",
                "2026-01-01T00:00:00.1234567890Z",
                "2026-01-01T00:00:00.12x4Z",
                "2026-01-01 00:00:00Z",
                "2026-01-01T00:00:00",
                "\u0661026-01-01T00:00:00Z"
            })
    void refusesWhatIsNoMoment(String text) {
        assertThatThrownBy(() -> InstantText.parse(text)).isInstanceOf(DateTimeException.class);
        assertThatThrownBy(() -> Instant.parse(text)).isInstanceOf(DateTimeException.class);
    }
}
