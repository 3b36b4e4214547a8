package dev.reinstate.cli.verb;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the key of an encrypted archive is. */
final class KeyOptions {
    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "The archive's key file (default: REINSTATE_KEY_FILE, then the configuration's, then"
                    + " reinstate.key).")
    Optional<Path> keyFile = Optional.empty();
}
