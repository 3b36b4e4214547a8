package dev.reinstate.cli.verb;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which moment, as a time or a position. */
final class MomentOptions {
    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "The last commit at or before this time, which needs a zone: 2026-01-31T12:00:00Z.")
    Optional<String> time = Optional.empty();

    @Option(
            names = "--at-position",
            paramLabel = "LSN",
            description = "The last commit at or before this position, as `history` prints it.")
    Optional<String> position = Optional.empty();

    int given() {
        return (time.isPresent() ? 1 : 0) + (position.isPresent() ? 1 : 0);
    }

    void requireAtMostOne() {
        if (given() > 1) {
            throw ReinstateException.invalid(
                    "More than one moment is asked for",
                    "--at and --at-position each say as of when",
                    "leave one of them out");
        }
    }

    /** The position asked for; {@code NOT_RESTORABLE}, with the covered ranges, when the archive does not have it. */
    Optional<Lsn> resolve(ArchiveReader archive) {
        Optional<Lsn> resolved =
                time.map(text -> archive.positionAt(Moments.time(text))).or(() -> position.map(Lsn::parse));
        resolved.ifPresent(archive::requireRestorable);
        return resolved;
    }
}
