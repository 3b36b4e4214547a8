package dev.reinstate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.cli.terminal.Spoken;
import dev.reinstate.model.FailureKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private final Spoken spoken = new Spoken();

    private int run(String... arguments) {
        return Main.run(spoken.unwatched(), Map.of(), arguments);
    }

    @Test
    void withoutAVerbItExplainsTheVerbs() {
        assertThat(run()).isZero();
        assertThat(spoken.out()).contains("demo").contains("Exit codes");
    }

    @Test
    void theCommandItselfTakesTheUsualOptions() {
        assertThat(run("--help")).isZero();
        assertThat(spoken.out()).contains("Exit codes");
        assertThat(run("--version")).isZero();
        assertThat(spoken.out()).contains("reinstate development (");
    }

    @Test
    void eachVerbIsExplainedInAWholeSentence() {
        assertThat(run()).isZero();
        List<String> lines = spoken.out().lines().toList();
        List<String> verbs =
                lines.subList(lines.indexOf("Commands:") + 1, lines.indexOf("Begin with:  reinstate demo") - 1);
        for (int i = 0; i < verbs.size(); i++) {
            boolean last = i + 1 == verbs.size() || !verbs.get(i + 1).startsWith("    ");
            if (last && !verbs.get(i).contains("help information")) {
                assertThat(verbs.get(i)).endsWith(".");
            }
        }
    }

    @Test
    void everyVerbTellsOfItself() {
        for (String verb : List.of("init", "protect", "restore", "history", "demo", "help")) {
            assertThat(run(verb, "--help")).as(verb).isZero();
            assertThat(spoken.out()).contains("Usage: reinstate " + verb);
        }
    }

    @Test
    void anUnknownVerbSuggestsNearOnes() {
        assertThat(run("ini")).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.err()).contains("near names: init");
    }

    @Test
    void usageErrorsAreDocumentsToo() {
        assertThat(run("init", "--json")).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.out()).contains("\"kind\" : \"INVALID\"").contains("--tenant-table");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "init --password hunter2",
                "init --password=hunter2",
                "init --pasword hunter2",
                "init --pasword=hunter2",
                "--password hunter2",
                "init --tenant-table public.site --url jdbc:postgresql://app:hunter2@localhost/app",
                "init --tenant-table public.site --url postgres://app:hunter2@localhost/app",
                "init --tenant-table public.site --url jdbc:postgresql://localhost/app?password=hunter2",
                "init --tenant-table public.site --url mysql://app:hunter2@localhost/app",
            })
    void aPasswordAmongTheArgumentsIsRefusedAndNotRepeated(String line) {
        assertThat(run((line + " --json --debug").split(" "))).isEqualTo(FailureKind.INVALID.exitCode());
        assertThat(spoken.err() + spoken.out()).doesNotContain("hunter2");
    }
}
