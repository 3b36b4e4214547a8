package dev.reinstate.cli.config;

import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes the {@code reinstate.yaml} that {@code init} proposes, for people to read and edit. */
public final class ConfigurationWriter {
    private ConfigurationWriter() {}

    /** @param notes what is written beside the rules */
    public static void write(Configuration configuration, TenancyNotes notes) {
        Path file = configuration.file();
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(temporary, text(configuration, notes));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw ReinstateException.unavailable(
                    file + " cannot be written",
                    e.getClass().getSimpleName(),
                    "check the folder and the space on its disk, or name another file with --config",
                    e);
        }
    }

    static String text(Configuration configuration, TenancyNotes notes) {
        Configuration.Store store = configuration.store();
        StringBuilder yaml = new StringBuilder("""
                # Written by `reinstate init`. Read the tenancy map once with somebody who knows the schema: it decides
                # whose rows are whose. Passwords stand elsewhere: REINSTATE_PASSWORD, passwordFile, or ~/.pgpass.
                store:
                """);
        entry(yaml, 1, "name", store.name());
        entry(yaml, 1, "url", store.url().jdbc());
        entry(yaml, 1, "user", store.user());
        store.passwordFile().ifPresent(path -> entry(yaml, 1, "passwordFile", path.toString()));
        yaml.append('\n');
        archive(yaml, configuration);
        encryption(yaml, configuration);
        entry(yaml, 0, "stateDirectory", shown(configuration, configuration.stateDirectory()));
        yaml.append("""

                settings:
                  # How often changes are made durable: what a disaster may cost.
                """);
        entry(
                yaml,
                1,
                "segmentInterval",
                configuration.settings().segmentInterval().toMillis() + "ms");
        yaml.append("  # Write-ahead log the source may keep for us; beyond it we let go and record a gap.\n");
        configuration
                .settings()
                .letGoAfterBytes()
                .ifPresentOrElse(
                        bytes -> entry(yaml, 1, "letGoAfter", size(bytes)),
                        () -> yaml.append(
                                "  # letGoAfter: 20GB   (or 80 % of max_slot_wal_keep_size, if that is less)\n"));
        return yaml.append('\n')
                .append(TenancyText.of(configuration.tenancy(), notes))
                .toString();
    }

    private static void archive(StringBuilder yaml, Configuration configuration) {
        switch (configuration.archive()) {
            case ArchivePlace.Folder folder -> entry(yaml, 0, "archive", shown(configuration, folder.path()));
            case ArchivePlace.Bucket bucket -> {
                entry(yaml, 0, "archive", bucket.toString());
                bucket.lock().ifPresent(lock -> {
                    yaml.append("s3:\n  objectLock:\n");
                    entry(yaml, 2, "mode", lock.modeName());
                    entry(yaml, 2, "days", Integer.toString(lock.days()));
                });
            }
        }
    }

    private static void encryption(StringBuilder yaml, Configuration configuration) {
        switch (configuration.encryption()) {
            case Encryption.InKeyFile inFile -> {
                yaml.append("# Without its key file nobody can read the archive, ever: keep a copy of it elsewhere.\n");
                yaml.append("encryption:\n");
                entry(yaml, 1, "keyFile", shown(configuration, inFile.file()));
            }
            case Encryption.InKms inKms -> {
                yaml.append("encryption:\n");
                entry(yaml, 1, "kmsKey", inKms.arn());
            }
            case Encryption.None none -> entry(yaml, 0, "encryption", "none");
        }
    }

    /** Relative to the file where that is shorter to read and survives moving both. */
    private static String shown(Configuration configuration, Path path) {
        Path folder = configuration.file().toAbsolutePath().normalize().getParent();
        return folder != null && path.startsWith(folder)
                ? folder.relativize(path).toString()
                : path.toString();
    }

    private static String size(long bytes) {
        long megabyte = 1L << 20;
        return bytes % megabyte == 0 ? bytes / megabyte + "MB" : bytes + "B";
    }

    private static void entry(StringBuilder yaml, int depth, String key, String value) {
        yaml.append("  ".repeat(depth))
                .append(key)
                .append(": ")
                .append(YamlText.scalar(value))
                .append('\n');
    }
}
