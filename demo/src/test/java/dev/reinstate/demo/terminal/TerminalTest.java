package dev.reinstate.demo.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;

    private Terminal terminal(boolean interactive) {
        return new Terminal(new PrintStream(printed, true, StandardCharsets.UTF_8), interactive, clock);
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whereThereIsNoTerminalThereAreNoEscapes() {
        Terminal terminal = terminal(false);
        terminal.heading("Heading");
        terminal.good("good");
        terminal.bad("bad");
        terminal.verdict(true, "PASS");
        try (ProgressBar bar = terminal.progress("copying", "rows", 100)) {
            now = now.plusSeconds(11);
            bar.update(50);
            now = now.plusSeconds(1);
            bar.update(60);
        }

        assertThat(text()).doesNotContain("\u001b").doesNotContain("\r").contains("Heading", "good", "bad", "PASS");
        assertThat(text().lines().filter(line -> line.contains("copying"))).hasSize(1);
    }

    @Test
    void aBarTellsHowFarHowFastAndHowLong() {
        Terminal terminal = terminal(true);
        try (ProgressBar bar = terminal.progress("copying", "rows", 1000)) {
            now = now.plusSeconds(10);
            bar.update(250);
        }

        assertThat(text()).contains(" 25 % 250/1,000 rows, 25/s, 30.0 s left").endsWith("\r\u001b[K");
    }

    @Test
    void aLineAboveABarLeavesTheBarBelow() {
        Terminal terminal = terminal(true);
        try (ProgressBar bar = terminal.progress("copying", "rows", 10)) {
            terminal.say("meanwhile");
            assertThat(text()).containsSubsequence("copying", "meanwhile", "copying");
            bar.update(10);
        }
    }

    @Test
    void amountsReadWell() {
        assertThat(Terminal.duration(Duration.ofMillis(840))).isEqualTo("0.8 s");
        assertThat(Terminal.duration(Duration.ofSeconds(72))).isEqualTo("1 min 12 s");
        assertThat(Terminal.bytes(999)).isEqualTo("999 B");
        assertThat(Terminal.bytes(12_345_678)).isEqualTo("12.3 MB");
        assertThat(Terminal.count(1234567)).isEqualTo("1,234,567");
    }

    @Test
    void aTableIsAligned() {
        assertThat(new Table().row("a", "1").row("bcd", "12345").lines())
                .containsExactly("   ───────────", "   a         1", "   bcd   12345", "   ───────────");
    }
}
