package dev.reinstate.cli.wiring;

import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.DatabaseUrl;
import dev.reinstate.cli.config.Passwords;
import dev.reinstate.cli.config.Secret;
import dev.reinstate.postgres.Database;
import java.nio.file.Path;
import java.util.Optional;

/** Makes the databases a verb works on out of URLs and passwords. Connects to nothing. */
public final class Databases {
    private final Passwords passwords;

    public Databases(Passwords passwords) {
        this.passwords = passwords;
    }

    /** The protected database of a configuration. */
    public Database source(Configuration.Store store, Optional<Path> passwordFile) {
        Optional<Secret> secret = passwords.ofSource(passwordFile, store.passwordFile());
        return Database.of(store.url().jdbc(), Optional.of(store.user()), () -> secret.map(Secret::reveal));
    }

    /** Another database, to restore into. */
    public Database target(DatabaseUrl url, Optional<Path> passwordFile) {
        Optional<Secret> secret = passwords.ofTarget(passwordFile);
        return Database.of(url.jdbc(), url.user(), () -> secret.map(Secret::reveal));
    }
}
