package dev.reinstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.capture.source.LetGoPolicy.Pressure;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class LetGoPolicyTest {
    private static final long GB = 1L << 30;

    @Test
    void warnsAtHalfAndAtFourFifths() {
        LetGoPolicy policy = new LetGoPolicy(1000);
        assertThat(policy.pressure(0)).isEqualTo(Pressure.NONE);
        assertThat(policy.pressure(499)).isEqualTo(Pressure.NONE);
        assertThat(policy.pressure(500)).isEqualTo(Pressure.HALF);
        assertThat(policy.pressure(799)).isEqualTo(Pressure.HALF);
        assertThat(policy.pressure(800)).isEqualTo(Pressure.HIGH);
        assertThat(policy.pressure(999)).isEqualTo(Pressure.HIGH);
        assertThat(policy.pressure(1000)).isEqualTo(Pressure.LET_GO);
    }

    @Test
    void letsGoBeforeTheServerDoesWhateverWasChosen() {
        assertThat(limit(OptionalLong.empty(), OptionalLong.empty())).isEqualTo(20 * GB);
        assertThat(limit(OptionalLong.of(100 * GB), OptionalLong.empty())).isEqualTo(100 * GB);
        assertThat(limit(OptionalLong.empty(), OptionalLong.of(10 * GB))).isEqualTo(8 * GB);
        assertThat(limit(OptionalLong.of(100 * GB), OptionalLong.of(10 * GB))).isEqualTo(8 * GB);
        assertThat(limit(OptionalLong.of(3 * GB), OptionalLong.of(10 * GB))).isEqualTo(3 * GB);
        assertThat(limit(OptionalLong.empty(), OptionalLong.of(0))).isEqualTo(1);
    }

    private static long limit(OptionalLong configured, OptionalLong server) {
        return LetGoPolicy.of(configured, server).limitBytes();
    }
}
