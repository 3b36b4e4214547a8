package dev.reinstate.cli.terminal;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStoreException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one place where a failure becomes words and an exit code. What is not ours prints its class and where it happened,
 * never its message: a driver's or a parser's message may quote a row.
 */
public final class FailurePrinter {
    private final Terminal terminal;
    private final JsonPrinter json;

    /** What a script reads about a failure. */
    record Document(Failure error) {}

    record Failure(FailureKind kind, int exitCode, String what, String why, String next, List<String> details) {}

    public FailurePrinter(Terminal terminal, JsonPrinter json) {
        this.terminal = terminal;
        this.json = json;
    }

    /**
     * @param asJson also as one document on standard output
     * @param debug with the frames of where it happened
     * @return the exit code
     */
    public int print(Throwable thrown, boolean asJson, boolean debug) {
        ReinstateException failure = understood(thrown);
        say("error", Terminal.Style.BAD, failure.what());
        say("why", Terminal.Style.BOLD, failure.why());
        say("next", Terminal.Style.BOLD, failure.next());
        failure.details().forEach(line -> terminal.note("       " + line));
        if (debug) {
            trace(thrown, "");
        }
        int exitCode = failure.kind().exitCode();
        if (asJson) {
            json.print(
                    terminal.out(),
                    new Document(new Failure(
                            failure.kind(),
                            exitCode,
                            failure.what(),
                            failure.why(),
                            failure.next(),
                            failure.details())));
        }
        return exitCode;
    }

    private void say(String label, Terminal.Style style, String text) {
        String indented = text.strip().replace("\n", "\n       ");
        terminal.note(terminal.onErr(style, label + ":") + " ".repeat(6 - label.length()) + indented);
    }

    private static ReinstateException understood(Throwable thrown) {
        return found(thrown, ReinstateException.class)
                .or(() -> found(thrown, ObjectStoreException.class).map(FailurePrinter::ofStore))
                .or(() -> found(thrown, IOException.class).map(FailurePrinter::ofDisk))
                .or(() -> found(thrown, OutOfMemoryError.class).map(error -> ofMemory()))
                .orElseGet(() -> ofBug(thrown));
    }

    private static <T extends Throwable> Optional<T> found(@Nullable Throwable thrown, Class<T> type) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            at = at.getCause();
        }
        return Optional.empty();
    }

    private static ReinstateException ofStore(ObjectStoreException e) {
        FailureKind kind = switch (e.kind()) {
            case UNAVAILABLE, ABSENT -> FailureKind.UNAVAILABLE;
            case UNSUPPORTED, LOCKED -> FailureKind.REFUSED;
            case EXISTS -> FailureKind.CONFLICT;
            case INVALID -> FailureKind.BUG;
        };
        return new ReinstateException(kind, e.what(), e.why(), e.next(), List.of(), e);
    }

    private static ReinstateException ofDisk(IOException e) {
        String where = e instanceof FileSystemException file && file.getFile() != null ? file.getFile() : "A file";
        String why = e instanceof AccessDeniedException
                ? "permission denied"
                : e instanceof FileSystemException file && file.getReason() != null
                        ? file.getReason()
                        : e.getClass().getSimpleName();
        return ReinstateException.unavailable(
                where + " could not be read or written",
                why,
                "check the disk's space and the permissions, then run the same command again: nothing is half-written",
                e);
    }

    private static ReinstateException ofMemory() {
        return ReinstateException.unavailable(
                "The memory is used up",
                "the JVM may use " + Amounts.bytes(Runtime.getRuntime().maxMemory()),
                "give it more with REINSTATE_JAVA_OPTS=-Xmx2g and report the command: it should not need it",
                null);
    }

    private static ReinstateException ofBug(Throwable thrown) {
        StackTraceElement[] frames = thrown.getStackTrace();
        return ReinstateException.bug(
                "Something went wrong inside Reinstate",
                thrown.getClass().getSimpleName() + (frames.length == 0 ? "" : " at " + frames[0])
                        + " (its message is withheld: it may quote data)");
    }

    private void trace(@Nullable Throwable thrown, String prefix) {
        Throwable at = thrown;
        String heading = prefix;
        for (int depth = 0; at != null && depth < 20; depth++) {
            terminal.note(heading + at.getClass().getName() + safeMessage(at));
            for (StackTraceElement frame : at.getStackTrace()) {
                terminal.note("    at " + frame);
            }
            for (Throwable suppressed : at.getSuppressed()) {
                trace(suppressed, "suppressed: ");
            }
            heading = "caused by: ";
            at = at.getCause();
        }
    }

    private static String safeMessage(Throwable thrown) {
        return switch (thrown) {
            case ReinstateException ours -> ": " + ours.what();
            case FileSystemException file -> ": " + file.getFile();
            case SQLException sql -> ": SQLSTATE " + sql.getSQLState();
            default -> "";
        };
    }
}
