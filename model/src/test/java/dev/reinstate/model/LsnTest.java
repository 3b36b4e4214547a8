package dev.reinstate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {
    @ParameterizedTest
    @ValueSource(strings = {"0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "1/0", "0/1"})
    void readsWhatItWrites(String text) {
        assertThat(Lsn.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "1/", "/1", "16", "G/0", "0/G", "-1/0", "+1/0", "0/+1", "1/2/3", "123456789/0"})
    void refusesWhatIsNoPosition(String text) {
        assertThatThrownBy(() -> Lsn.parse(text))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID));
    }

    @Test
    void isOrderedWithoutSign() {
        assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("7FFFFFFF/0"));
        assertThat(Lsn.max(Lsn.ZERO, Lsn.parse("80000000/0"))).isEqualTo(Lsn.parse("80000000/0"));
    }
}
