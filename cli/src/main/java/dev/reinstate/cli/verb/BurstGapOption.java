package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.restore.history.DamageFinder;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How far apart two deletions may be and still be one burst. */
final class BurstGapOption {
    @Option(
            names = "--burst-gap",
            paramLabel = "DURATION",
            description = "Deletions this close to each other are one burst, whose first is the damage (default: 30s).")
    private Optional<String> text = Optional.empty();

    Duration gap() {
        return text.map(given -> Amounts.durationOf("--burst-gap", given, "30s or 5min"))
                .orElse(DamageFinder.DEFAULT_BURST_GAP);
    }
}
