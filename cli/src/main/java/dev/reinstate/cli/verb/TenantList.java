package dev.reinstate.cli.verb;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which tenants a verb is to work on: those named, and those listed in a file, each once. */
final class TenantList {
    private TenantList() {}

    /**
     * @param file one id a line, {@code #} begins a comment; {@code -} is standard input
     */
    static List<TenantId> read(List<String> named, Optional<Path> file, InputStream input) {
        List<String> lines = new ArrayList<>(named);
        file.ifPresent(path -> lines.addAll(lines(path, input)));
        Set<TenantId> tenants = new LinkedHashSet<>();
        List<String> wrong = new ArrayList<>();
        for (String line : lines) {
            try {
                tenants.add(new TenantId(line));
            } catch (ReinstateException e) {
                wrong.add(e.what() + ": " + e.why());
            }
        }
        if (!wrong.isEmpty()) {
            throw new ReinstateException(
                    FailureKind.INVALID,
                    wrong.size() + " of the tenants' ids are none",
                    "each is explained below",
                    "give the ids as they stand in the tenant table, one a line in a file",
                    wrong,
                    null);
        }
        if (tenants.isEmpty()) {
            throw ReinstateException.invalid(
                    "No tenant is named",
                    file.map(path -> path + " lists none").orElse("neither as an argument nor with --from FILE"),
                    "see `reinstate tenants --gone` for those that are gone");
        }
        return List.copyOf(tenants);
    }

    private static List<String> lines(Path file, InputStream input) {
        try {
            String text = file.toString().equals("-")
                    ? new String(input.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(file);
            return text.lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw ReinstateException.invalid(
                    "The list of tenants in " + file + " cannot be read",
                    e.getClass().getSimpleName(),
                    "check that it is a text file you may read, one tenant a line");
        }
    }
}
