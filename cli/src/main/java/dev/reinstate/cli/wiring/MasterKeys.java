package dev.reinstate.cli.wiring;

import dev.reinstate.archive.KeyFile;
import dev.reinstate.archive.MasterKey;
import dev.reinstate.cli.config.Encryption;
import dev.reinstate.keys.aws.KmsMasterKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Finds the archive's master key: a file named on the command line, then the environment, then what {@code
 * reinstate.yaml} says. It is looked for only when an archive needs it.
 */
public final class MasterKeys {
    public static final String VARIABLE = "REINSTATE_KEY_FILE";

    private final Map<String, String> environment;
    private final RandomGenerator random;

    /** @param random for new keys: unpredictable outside of tests */
    public MasterKeys(Map<String, String> environment, RandomGenerator random) {
        this.environment = Map.copyOf(environment);
        this.random = random;
    }

    /** What to encrypt with, the command line first. */
    public Encryption choice(Optional<Path> named, Encryption configured) {
        return named.or(() -> Optional.ofNullable(environment.get(VARIABLE))
                        .filter(text -> !text.isEmpty())
                        .map(Path::of))
                .<Encryption>map(Encryption.InKeyFile::new)
                .orElse(configured);
    }

    /** Empty: what is encrypted cannot be read, and what is made is not encrypted. */
    public Optional<Supplier<MasterKey>> find(Encryption choice) {
        return switch (choice) {
            case Encryption.InKeyFile inFile -> Optional.of(() -> KeyFile.read(inFile.file()));
            case Encryption.InKms inKms -> Optional.of(() -> KmsMasterKey.of(inKms.arn()));
            case Encryption.None none -> Optional.empty();
        };
    }

    /** Writes a key file if that is the choice and there is none; the file, if it is new. */
    public Optional<Path> writeIfAbsent(Encryption choice) {
        if (!(choice instanceof Encryption.InKeyFile inFile) || Files.exists(inFile.file())) {
            return Optional.empty();
        }
        KeyFile.create(inFile.file(), random);
        return Optional.of(inFile.file());
    }
}
