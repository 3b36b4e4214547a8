package dev.reinstate.cli.config;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStoreException;
import dev.reinstate.objectstore.s3.ObjectLock;
import dev.reinstate.objectstore.s3.S3Location;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where an archive is. Prints as it is written on the command line; holds no credentials. */
public sealed interface ArchivePlace {
    /** A folder. */
    record Folder(Path path) implements ArchivePlace {
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** In S3. */
    record Bucket(S3Location location, Optional<Lock> lock) implements ArchivePlace {
        @Override
        public String toString() {
            return location.toString();
        }
    }

    /**
     * How long what is written stays, whoever wants to delete it.
     *
     * @param days 1 to 36500
     */
    record Lock(ObjectLock.Mode mode, int days) {
        private static final int MOST_DAYS = 36_500;
        private static final Pattern FORM = Pattern.compile("(governance|compliance):(\\d{1,5})");

        /** Reads {@code compliance:35}; {@code INVALID} if it is nothing like it. */
        public static Lock parse(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw ReinstateException.invalid(
                        "\"" + text + "\" is not a lock",
                        "a lock has a mode and a number of days",
                        "write it as governance:35 or compliance:35");
            }
            return of(form.group(1), Integer.parseInt(form.group(2)));
        }

        static Lock of(String mode, int days) {
            Optional<ObjectLock.Mode> known = switch (mode) {
                case "governance" -> Optional.of(ObjectLock.Mode.GOVERNANCE);
                case "compliance" -> Optional.of(ObjectLock.Mode.COMPLIANCE);
                default -> Optional.empty();
            };
            if (known.isEmpty() || days < 1 || days > MOST_DAYS) {
                throw ReinstateException.invalid(
                        "The lock cannot be read",
                        "its mode is governance or compliance, its days are 1 to " + MOST_DAYS,
                        "write it as mode: compliance and days: 35");
            }
            return new Lock(known.get(), days);
        }

        String modeName() {
            return mode.name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads a folder's path or {@code s3://bucket/prefix?endpoint=…&region=…&path-style=true}; {@code INVALID} if it is
     * neither.
     *
     * @param inFolder what a relative path starts at
     */
    static ArchivePlace parse(String text, UnaryOperator<Path> inFolder) {
        if (!text.contains("://")) {
            return new Folder(inFolder.apply(Path.of(text)));
        }
        try {
            return new Bucket(S3Location.parse(text), Optional.empty());
        } catch (ObjectStoreException e) {
            throw ReinstateException.invalid(
                    "This is no place for an archive",
                    e.why(),
                    "name a folder, or s3://bucket/prefix?endpoint=https://host&region=name (credentials stand elsewhere:"
                            + " in the environment, a profile or a role)");
        }
    }
}
