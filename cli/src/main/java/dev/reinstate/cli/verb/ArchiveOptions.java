package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.ConfigurationReader;
import dev.reinstate.cli.config.Encryption;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which archive is read. Everything a recovery needs is in it: with its place named, no configuration is read. */
final class ArchiveOptions {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    Path config = Path.of(Configuration.DEFAULT_FILE);

    @Option(
            names = "--archive",
            paramLabel = "PLACE",
            description = "The archive's folder or s3://bucket/prefix, instead of a configuration.")
    Optional<String> archive = Optional.empty();

    @Mixin
    private final KeyOptions key = new KeyOptions();

    /** The configuration, unless the archive alone is named. */
    Optional<Configuration> configuration() {
        return archive.isPresent() ? Optional.empty() : Optional.of(ConfigurationReader.read(config));
    }

    StoredArchive open(Archives archives, Optional<Configuration> configuration) {
        ArchivePlace place = archive.map(text -> ArchivePlace.parse(text, path -> path))
                .or(() -> configuration.map(Configuration::archive))
                .orElseThrow();
        Encryption configured = configuration
                .map(Configuration::encryption)
                .orElseGet(() -> new Encryption.InKeyFile(Path.of(Encryption.DEFAULT_KEY_FILE)));
        return archives.open(place, archives.masterKeys().choice(key.keyFile, configured), temporary(configuration));
    }

    StoredArchive open(Archives archives) {
        return open(archives, configuration());
    }

    /** Where spilled runs go. */
    static Path temporary(Optional<Configuration> configuration) {
        return configuration
                .map(Configuration::stateDirectory)
                .orElseGet(() ->
                        Path.of(System.getProperty("java.io.tmpdir"), "reinstate-" + System.getProperty("user.name")))
                .resolve("spill");
    }
}
