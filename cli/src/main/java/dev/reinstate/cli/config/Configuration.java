package dev.reinstate.cli.config;

import dev.reinstate.model.TenancyRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@code reinstate.yaml} says, complete and checked.
 *
 * @param file where it was read from; relative paths in it start at its folder
 * @param archive where the archive is, and how it is locked there
 * @param encryption where the archive's master key is
 * @param stateDirectory folder for what may be deleted at any time (owner index, spilled runs)
 */
public record Configuration(
        Path file,
        Store store,
        ArchivePlace archive,
        Encryption encryption,
        Path stateDirectory,
        TenancyRules tenancy,
        Settings settings) {

    public static final String DEFAULT_FILE = "reinstate.yaml";

    /**
     * The protected database.
     *
     * @param name names the slot and the publications in the source: {@code [a-z0-9_]+}
     * @param url without user and password
     */
    public record Store(String name, DatabaseUrl url, String user, Optional<Path> passwordFile) {}

    /**
     * @param segmentInterval how often changes are made durable: the recovery point
     * @param letGoAfterBytes write-ahead log the source may keep for us before we let it go and record a gap; empty: 20
     *     GB, or 80 % of the server's own limit
     */
    public record Settings(Duration segmentInterval, OptionalLong letGoAfterBytes) {
        public static final Settings DEFAULT = new Settings(Duration.ofSeconds(2), OptionalLong.empty());
    }
}
