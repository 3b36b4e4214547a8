package dev.reinstate.cli.verb;

import dev.reinstate.archive.CheckPass;
import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a pass of samples over an archive has come, in one line: archive, seed, place. A cache: without it, or with one
 * that is not understood, a new pass begins, and nothing is left out.
 */
final class PassFile {
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) (-?\\d{1,19}) ([0-9a-f]{16})\\n");

    private final Path file;

    PassFile(Path file) {
        this.file = file;
    }

    /** The pass that is under way, of just that archive. */
    Optional<CheckPass> read(String archive) {
        try {
            Matcher line = LINE.matcher(Files.exists(file) ? Files.readString(file) : "");
            return line.matches() && line.group(1).equals(archive)
                    ? Optional.of(
                            new CheckPass(Long.parseLong(line.group(2)), Long.parseUnsignedLong(line.group(3), 16)))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * {@code UNAVAILABLE} when it cannot be written: without it the same part would be checked again and again.
     *
     * @param pass empty when it ended
     */
    void write(String archive, Optional<CheckPass> pass) {
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        try {
            if (pass.isEmpty()) {
                Files.deleteIfExists(file);
                return;
            }
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(
                    unfinished,
                    String.format(
                            Locale.ROOT,
                            "%s %d %016x\n",
                            archive,
                            pass.get().seed(),
                            pass.get().after()));
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw ReinstateException.unavailable(
                    "Cannot write how far the check came to " + file,
                    String.valueOf(e.getMessage()),
                    "name a file in a folder this user may write to with --pass-file",
                    e);
        }
    }
}
