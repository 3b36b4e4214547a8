package dev.reinstate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.demo.saas.LegacyAppRemoval.Way;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CastTest {
    private final Map<String, Long> rows =
            IntStream.rangeClosed(1, 200).boxed().collect(Collectors.toMap(n -> "site-" + (1000 + n), n -> 100L * n));

    @Test
    void everySiteHasOnePart() {
        Cast cast = Cast.choose(rows, 30, 5, 1);

        assertThat(cast.deleted()).hasSize(30).doesNotHaveDuplicates().contains("site-1042");
        assertThat(cast.quiet()).hasSize(5).doesNotContainAnyElementsOf(cast.deleted());
        assertThat(cast.busy()).hasSize(195).containsAll(cast.deleted()).doesNotContainAnyElementsOf(cast.quiet());
    }

    @Test
    void theSameSeedCastsTheSame() {
        assertThat(Cast.choose(rows, 30, 5, 1)).isEqualTo(Cast.choose(rows, 30, 5, 1));
        assertThat(Cast.choose(rows, 30, 5, 1)).isNotEqualTo(Cast.choose(rows, 30, 5, 2));
    }

    @Test
    void sitesGoInDifferentWays() {
        Cast cast = Cast.choose(rows, 30, 5, 1);

        assertThat(cast.blows()).anySatisfy(blow -> assertThat(blow.way()).isEqualTo(Way.STEP_BY_STEP));
        assertThat(cast.blows()).anySatisfy(blow -> assertThat(blow.sites()).hasSizeGreaterThan(1));
        assertThat(Cast.choose(rows, 1, 5, 1).deleted()).containsExactly("site-1042");
    }

    @Test
    void percentilesAreNearestRanks() {
        List<Double> values =
                IntStream.rangeClosed(1, 100).mapToObj(n -> (double) n).toList();

        assertThat(Percentiles.of(values)).isEqualTo(new Percentiles(50, 99, 100));
        assertThat(Percentiles.of(List.of())).isEqualTo(new Percentiles(0, 0, 0));
    }
}
