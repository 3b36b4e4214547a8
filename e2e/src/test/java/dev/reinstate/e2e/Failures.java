package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import java.util.Locale;

/** What every failure owes to a tired person: the exit code of its kind, what, why, and what next. */
final class Failures {
    private Failures() {}

    static void assertSaid(ReinstateProcess.Outcome outcome, FailureKind kind, String... fragments) {
        assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(kind.exitCode());
        assertThat(outcome.errors().lines())
                .as(outcome.toString())
                .anyMatch(line -> line.matches("error: +\\S.*"))
                .anyMatch(line -> line.matches("why: +\\S.*"))
                .anyMatch(line -> line.matches("next: +\\S.*"));
        assertThat(outcome.everything())
                .as("a failure is told in words, not in a stack trace")
                .doesNotContain("\tat ")
                .doesNotContain("Exception in thread");
        for (String fragment : fragments) {
            assertThat(outcome.everything().toLowerCase(Locale.ROOT))
                    .as(outcome.toString())
                    .contains(fragment.toLowerCase(Locale.ROOT));
        }
    }
}
