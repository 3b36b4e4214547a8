package dev.reinstate.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultTest {
    private static final Machine MACHINE = new Machine(2, "some", 24, "Linux", "25", "18.6", "0.10");

    @Test
    void theMedianOfAnEvenNumberOfRunsLiesBetweenTheMiddleTwo() {
        assertThat(Series.of(4, 1, 9, 2).median()).isEqualTo(3);
        assertThat(Series.of(4, 1, 9).median()).isEqualTo(4);
    }

    @Test
    void runsAreDividedRunByRun() {
        assertThat(Series.of(1, 6).dividedBy(Series.of(2, 3)).values()).containsExactly(0.5, 2.0);
    }

    @Test
    void aGateJudgesTheMedian() {
        assertThat(Gate.atLeast("a", 0.5, Series.of(0.1, 0.5, 0.9)).verdict()).isEqualTo(Gate.Verdict.PASS);
        assertThat(Gate.atLeast("a", 0.5, Series.of(0.1, 0.49, 0.9)).verdict()).isEqualTo(Gate.Verdict.MISS);
        assertThat(Gate.atMost("a", 5, Series.of(5.1)).verdict()).isEqualTo(Gate.Verdict.MISS);
        assertThat(Gate.skipped("a", Gate.Bound.AT_MOST, 1).verdict()).isEqualTo(Gate.Verdict.SKIPPED);
    }

    @Test
    void theTableSaysWhatWasSkippedAndWhatMissed() {
        Outcome outcome = new Outcome(
                "drain",
                "small",
                List.of(Row.of("ours", Series.of(120_000), "changes/s"), Row.skipped("theirs", "not there")),
                List.of(Gate.atLeast("ours / theirs", 2, Series.of(1.25))));
        assertThat(ResultTable.text(outcome, MACHINE))
                .containsPattern("ours +120,000 +120,000 +120,000 +changes/s")
                .containsPattern("theirs +- +- +- +skipped: not there")
                .containsPattern("ours / theirs +1.25 +1.25 +1.25 +≥ 2 +MISS");
    }

    @Test
    void whatWasReachedIsNotToBeLostAgain(@TempDir Path folder) {
        ResultFile file = new ResultFile(folder);
        assertThat(file.worse(outcome(0.3, 2), MACHINE)).isEmpty();
        file.write(outcome(0.3, 2), MACHINE, Instant.EPOCH);
        assertThat(file.worse(outcome(0.28, 2.1), MACHINE)).isEmpty();
        assertThat(file.worse(outcome(0.2, 2.1), MACHINE)).containsExactly("rate: 0.20, and was 0.30");
        assertThat(file.worse(outcome(0.3, 2.6), MACHINE)).hasSize(1);
        Machine other = new Machine(8, "some", 24, "Linux", "25", "18.6", "0.10");
        assertThat(file.worse(outcome(0.2, 2.6), other)).isEmpty();
    }

    private static Outcome outcome(double rate, double time) {
        return new Outcome(
                "drain",
                "small",
                List.of(),
                List.of(Gate.atLeast("rate", 0.5, Series.of(rate)), Gate.atMost("time", 1, Series.of(time))));
    }

    @Test
    void theFileHoldsEveryRun(@TempDir Path folder) throws Exception {
        Gate gate = new Gate("a", Gate.Bound.AT_MOST, 1, Optional.of(Series.of(1, 3, 2)));
        Outcome outcome = new Outcome("drain", "small", List.of(), List.of(gate));
        Path file = new ResultFile(folder).write(outcome, MACHINE, Instant.EPOCH);
        assertThat(Files.readString(file))
                .containsPattern("\"runs\" : \\[ 1.0, 3.0, 2.0 \\]")
                .contains("\"verdict\" : \"MISS\"");
    }
}
