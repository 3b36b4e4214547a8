package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.Configuration;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which configuration, and where the source's password is. */
final class ConfigOptions {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    Path config = Path.of(Configuration.DEFAULT_FILE);

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "File with the password of the source database on its first line.")
    Optional<Path> passwordFile = Optional.empty();
}
