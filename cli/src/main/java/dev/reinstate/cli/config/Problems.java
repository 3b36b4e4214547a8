package dev.reinstate.cli.config;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that is wrong with an input, gathered so that it is reported, and mended, at once. */
final class Problems {
    private final String source;
    private final List<String> found = new ArrayList<>();

    /** @param source what is read, as printed before each line number */
    Problems(String source) {
        this.source = source;
    }

    /** @param line from 1; 0 when it concerns the whole file */
    void add(int line, String problem) {
        found.add(line > 0 ? source + ":" + line + ": " + problem : source + ": " + problem);
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    ReinstateException failure(@Nullable Throwable cause) {
        return new ReinstateException(
                FailureKind.INVALID,
                source + (found.size() == 1 ? " has a problem" : " has " + found.size() + " problems"),
                "each is listed below with its line",
                "mend the file, or write a new one with `reinstate init --overwrite`",
                found,
                cause);
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw failure(null);
        }
    }
}
