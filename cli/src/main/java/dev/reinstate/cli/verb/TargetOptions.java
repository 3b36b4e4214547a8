package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.DatabaseUrl;
import dev.reinstate.cli.wiring.Databases;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.Database;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which database is written to: the source, or another. */
final class TargetOptions {
    @Option(
            names = "--to",
            paramLabel = "URL",
            description = "Another database, without a password: a scratch one, for looking.")
    private Optional<String> url = Optional.empty();

    @Option(
            names = "--to-password-file",
            paramLabel = "FILE",
            description = "File with that database's password (or the variable REINSTATE_TO_PASSWORD).")
    private Optional<Path> toPasswordFile = Optional.empty();

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "File with the password of the source database on its first line.")
    private Optional<Path> passwordFile = Optional.empty();

    boolean isGiven() {
        return url.isPresent();
    }

    Database database(Databases databases, Optional<Configuration> configuration) {
        if (url.isPresent()) {
            return databases.target(DatabaseUrl.parse(url.get()), toPasswordFile);
        }
        return configuration
                .map(found -> databases.source(found.store(), passwordFile))
                .orElseThrow(() -> ReinstateException.invalid(
                        "It is not said which database to restore into",
                        "with --archive no configuration is read",
                        "give the database with --to URL, or the configuration with --config"));
    }
}
