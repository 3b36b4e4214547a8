package dev.reinstate.cli.config;

import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds passwords where no process list, log or configuration file shows them: a file named on the command line, then
 * the environment, then a file named in {@code reinstate.yaml}. None of them leaves it to the driver, which looks into
 * {@code PGPASSFILE} or {@code ~/.pgpass}.
 */
public final class Passwords {
    public static final String SOURCE_VARIABLE = "REINSTATE_PASSWORD";
    public static final String TARGET_VARIABLE = "REINSTATE_TO_PASSWORD";

    private final Map<String, String> environment;

    public Passwords(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    public Optional<Secret> ofSource(Optional<Path> namedFile, Optional<Path> configuredFile) {
        return first(namedFile, SOURCE_VARIABLE, configuredFile);
    }

    public Optional<Secret> ofTarget(Optional<Path> namedFile) {
        return first(namedFile, TARGET_VARIABLE, Optional.empty());
    }

    private Optional<Secret> first(Optional<Path> namedFile, String variable, Optional<Path> configuredFile) {
        return namedFile
                .map(Passwords::read)
                .or(() -> Optional.ofNullable(environment.get(variable))
                        .filter(text -> !text.isEmpty())
                        .map(Secret::new))
                .or(() -> configuredFile.map(Passwords::read));
    }

    private static Secret read(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            String first = lines.isEmpty() ? "" : lines.getFirst();
            if (first.isEmpty() || lines.stream().skip(1).anyMatch(line -> !line.isBlank())) {
                throw ReinstateException.invalid(
                        "The password file " + file + " has " + lines.size() + " lines",
                        "it must hold the password alone, on its first line",
                        "write the password into it, readable by you only (chmod 600)");
            }
            return new Secret(first);
        } catch (MalformedInputException e) {
            throw ReinstateException.invalid(
                    "The password file " + file + " is not UTF-8 text",
                    "nothing else can be sent as a password",
                    "write it again");
        } catch (IOException e) {
            throw ReinstateException.invalid(
                    "The password file " + file + " cannot be read",
                    e.getClass().getSimpleName(),
                    "check that it exists and that you may read it");
        }
    }
}
