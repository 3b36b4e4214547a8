package dev.reinstate.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private final Spoken spoken = new Spoken();

    @Test
    void tablesAreAligned() {
        TextTable table = new TextTable().text("table").number("rows").text("why");
        table.row("public.a", "1,000", "").row("\u001b[31mb\u001b[0m", "2", "short");
        assertThat(table.lines())
                .containsExactly(
                        "table      rows  why",
                        "────────  ─────  ─────",
                        "public.a  1,000",
                        "\u001b[31mb\u001b[0m             2  short");
    }

    @Test
    void amountsAreReadable() {
        assertThat(Amounts.bytes(0)).isEqualTo("0 B");
        assertThat(Amounts.bytes(1536)).isEqualTo("1.5 kB");
        assertThat(Amounts.bytes(20L << 30)).isEqualTo("20.0 GB");
        assertThat(Amounts.count(1, "row") + Amounts.count(1234, "row")).isEqualTo("1 row1,234 rows");
        assertThat(Amounts.duration(Duration.ofMillis(12))).isEqualTo("12 ms");
        assertThat(Amounts.duration(Duration.ofMillis(1400))).isEqualTo("1.4 s");
        assertThat(Amounts.duration(Duration.ofSeconds(200))).isEqualTo("3 min 20 s");
        assertThat(Amounts.duration(Duration.ofHours(76))).isEqualTo("3 d 4 h");
        assertThat(Amounts.exactTime(Instant.parse("2024-05-06T07:08:09.123456789Z")))
                .isEqualTo("2024-05-06T07:08:09.123456Z");
    }

    @Test
    void amountsAreRead() {
        assertThat(Amounts.parseBytes("20GB")).contains(20L << 30);
        assertThat(Amounts.parseBytes("512 kb")).contains(512L << 10);
        assertThat(Amounts.parseBytes("20 gigs")).isEmpty();
        assertThat(Amounts.parseBytes("-1")).isEmpty();
        assertThat(Amounts.parseDuration("500ms")).contains(Duration.ofMillis(500));
        assertThat(Amounts.parseDuration("5min")).contains(Duration.ofMinutes(5));
        assertThat(Amounts.parseDuration("5")).isEmpty();
    }

    @Test
    void aBarMovesOnlyWhereSomebodyWatches() {
        AtomicLong nanos = new AtomicLong();
        try (ProgressBar bar = new ProgressBar(spoken.watched(""), nanos::get, "image", 200, Amounts::count)) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            bar.done(100);
        }
        assertThat(spoken.err())
                .contains("image  ████████████░░░░░░░░░░░░")
                .contains("50 %  100 of 200  100/s  1.0 s left");
        assertThat(spoken.err()).endsWith("\r\u001b[K");
    }

    @Test
    void elsewhereALineEveryTenSeconds() {
        AtomicLong nanos = new AtomicLong();
        try (ProgressBar bar = new ProgressBar(spoken.unwatched(), nanos::get, "image", 0, Amounts::bytes)) {
            for (int second = 1; second <= 25; second++) {
                nanos.addAndGet(Duration.ofSeconds(1).toNanos());
                bar.advance(1024);
            }
        }
        assertThat(spoken.err()).isEqualToNormalizingNewlines("image  10.0 kB  1.0 kB/s\nimage  20.0 kB  1.0 kB/s\n");
    }

    @Test
    void coloursFollowTheTerminalAndTheUser() {
        Properties terminal = new Properties();
        terminal.setProperty("reinstate.terminal.out", "true");
        assertThat(Terminal.ofProcess(terminal, Map.of()).colours()).isEqualTo(new Terminal.Colours(true, false));
        assertThat(Terminal.ofProcess(terminal, Map.of("NO_COLOR", "1")).colours())
                .isEqualTo(new Terminal.Colours(false, false));
        assertThat(spoken.unwatched().onErr(Terminal.Style.BAD, "x")).isEqualTo("x");
    }

    @Test
    void onlyYesIsYes() {
        assertThat(spoken.watched("Yes\n").confirm("Go on?")).isTrue();
        assertThat(spoken.watched("\n").confirm("Go on?")).isFalse();
        assertThat(spoken.watched("").confirm("Go on?")).isFalse();
        assertThat(spoken.watched("yesterday\n").confirm("Go on?")).isFalse();
    }

    @Test
    void everyKindOfFailureHasItsExitCode() {
        FailurePrinter printer = new FailurePrinter(spoken.unwatched(), new JsonPrinter(List.of()));
        for (FailureKind kind : FailureKind.values()) {
            ReinstateException failure = new ReinstateException(kind, "what", "why", "next", List.of("detail"), null);
            assertThat(printer.print(new IllegalStateException(failure), false, false))
                    .isEqualTo(kind.exitCode());
        }
        assertThat(FailureKind.values())
                .extracting(FailureKind::exitCode)
                .doesNotHaveDuplicates()
                .doesNotContain(0, 1);
        assertThat(spoken.err()).startsWith("error: what\nwhy:   why\nnext:  next\n       detail\n");
        assertThat(spoken.out()).isEmpty();
    }

    @Test
    void scriptsGetADocument() {
        FailurePrinter printer = new FailurePrinter(spoken.unwatched(), new JsonPrinter(List.of()));
        printer.print(ReinstateException.conflict("a \"quoted\" thing", "why", "next"), true, false);
        assertThat(spoken.out().replaceAll("\\s+", "")).contains("\"kind\":\"CONFLICT\",\"exitCode\":5");
    }

    @Test
    void foreignMessagesAreWithheldEvenWithDebug() {
        FailurePrinter printer = new FailurePrinter(spoken.unwatched(), new JsonPrinter(List.of()));
        int exitCode = printer.print(
                new IllegalStateException("row of Ada Lovelace", new java.sql.SQLException("Lovelace too", "22P02")),
                true,
                true);
        assertThat(exitCode).isEqualTo(FailureKind.BUG.exitCode());
        assertThat(spoken.err() + spoken.out())
                .doesNotContain("Lovelace")
                .contains("SQLSTATE 22P02")
                .contains("TerminalTest");
    }

    @Test
    void aDiskThatRefusesIsUnavailable() {
        FailurePrinter printer = new FailurePrinter(spoken.unwatched(), new JsonPrinter(List.of()));
        int exitCode = printer.print(new UncheckedIOException(new AccessDeniedException("/archive/x")), false, false);
        assertThat(exitCode).isEqualTo(FailureKind.UNAVAILABLE.exitCode());
        assertThat(spoken.err())
                .contains("/archive/x could not be read or written")
                .contains("permission denied");
    }
}
