package dev.reinstate.cli.verb;

import dev.reinstate.archive.RetentionPolicy;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long history is kept: what the configuration says, or the command line. */
final class RetentionOptions {
    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description =
                    "Keep every moment of the last so long, for example 35d; or forever (default: the configuration's).")
    private Optional<String> window = Optional.empty();

    @Option(
            names = "--min-images",
            paramLabel = "N",
            description = "Keep at least so many images, however old (default: the configuration's).")
    private Optional<Integer> minimumImages = Optional.empty();

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            description = "Remove objects that nothing needs any more after so long; no reader may run longer"
                    + " (default: the configuration's).")
    private Optional<String> grace = Optional.empty();

    /** {@code INVALID} where an option is no duration or no number. */
    Configuration.Retention of(Optional<Configuration> configuration) {
        Configuration.Retention known = configuration
                .map(found -> found.settings().maintenance().retention())
                .orElse(Configuration.Retention.DEFAULT);
        return new Configuration.Retention(
                window.map(RetentionOptions::window).orElse(known.policy().map(RetentionPolicy::window)),
                minimumImages.map(RetentionOptions::images).orElse(known.minimumImages()),
                grace.map(text -> duration("--grace", text)).orElse(known.grace()));
    }

    private static Optional<Duration> window(String text) {
        return text.equals(Configuration.Retention.FOREVER)
                ? Optional.empty()
                : Optional.of(duration("--window", text));
    }

    private static int images(int number) {
        if (number < 1) {
            throw ReinstateException.invalid(
                    number + " images cannot be kept", "history begins with one", "give --min-images 1 or more");
        }
        return number;
    }

    private static Duration duration(String option, String text) {
        return Amounts.durationOf(option, text, "35d or 24h");
    }
}
