package dev.reinstate.cli.config;

import dev.reinstate.archive.RetentionPolicy;
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
     * @param maintenance what is done in the archive beside capture
     */
    public record Settings(Duration segmentInterval, OptionalLong letGoAfterBytes, Maintenance maintenance) {
        public static final Settings DEFAULT =
                new Settings(Duration.ofSeconds(2), OptionalLong.empty(), Maintenance.DEFAULT);
    }

    /**
     * @param bytesPerSecond what it may read and write, at least {@link #LEAST_RATE}
     */
    public record Maintenance(long bytesPerSecond, Retention retention) {
        public static final long LEAST_RATE = 64 << 10;
        public static final Maintenance DEFAULT = new Maintenance(16 << 20, Retention.DEFAULT);
    }

    /**
     * How much history is kept.
     *
     * @param window empty: all of it
     * @param minimumImages that are kept however old they are, at least 1
     * @param grace how long objects stay that nothing needs any more; longer than any reader runs
     */
    public record Retention(Optional<Duration> window, int minimumImages, Duration grace) {
        /** As a window, in the file and on the command line. */
        public static final String FOREVER = "forever";

        public static final Retention DEFAULT = new Retention(
                Optional.of(RetentionPolicy.DEFAULT.window()),
                RetentionPolicy.DEFAULT.minimumImages(),
                Duration.ofHours(24));

        /** Empty: everything is kept. */
        public Optional<RetentionPolicy> policy() {
            return window.map(length -> new RetentionPolicy(length, minimumImages));
        }
    }
}
