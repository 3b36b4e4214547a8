package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an archive lacks of what it once held, as a head written down outside of it tells.
 *
 * @param known the head that was written down
 * @param found the archive's head as it is
 */
public record ArchiveLoss(Kind kind, ArchiveHead known, ArchiveHead found) {
    /** How the archive is not what it was. */
    public enum Kind {
        /** Its newest entries are gone: an older state of it was put in its place, or they were deleted. */
        CUT_BACK,
        /** It went on differently from some entry at or before the known one: somebody else wrote to a copy of it. */
        DIVERGED,
        /** It is another archive. */
        REPLACED
    }

    /** What is lost, for people: which entries, and which moments. */
    public String text() {
        return switch (kind) {
            case CUT_BACK ->
                "it ends at entry " + found.number() + " and had " + known.number() + ": "
                        + (known.number() - found.number() == 1
                                ? "entry " + known.number() + " is"
                                : "entries " + (found.number() + 1) + " to " + known.number() + " are")
                        + " gone, " + moments();
            case DIVERGED ->
                "its entry " + known.number() + " is not the one that was written: at or before it the archive went"
                        + " another way, and what was written then until "
                        + moment(known.durableTo(), known.durableTime()) + " may not be in it";
            case REPLACED ->
                "it is archive " + found.archive() + ", and it was archive " + known.archive() + " with "
                        + known.number() + " entries, history to " + moment(known.durableTo(), known.durableTime());
        };
    }

    /** As a check reports it. */
    public CheckReport.Finding finding() {
        return new CheckReport.Finding(
                CheckReport.Severity.DAMAGE,
                "INV-33",
                Keys.manifest(kind == Kind.CUT_BACK ? found.number() + 1 : known.number()),
                "the archive is not what it was: " + text(),
                List.of(),
                kind == Kind.CUT_BACK
                        ? new CheckReport.Moments(found.durableTo(), known.durableTo())
                        : CheckReport.Moments.NONE);
    }

    private String moments() {
        return found.durableTo().isBefore(known.durableTo())
                ? "history from " + moment(found.durableTo(), found.durableTime()) + " to "
                        + moment(known.durableTo(), known.durableTime())
                : "no history, but perhaps a hold or an erasure";
    }

    private static String moment(Lsn position, Optional<Instant> time) {
        return position + time.map(at -> " (" + at + ")").orElse("");
    }
}
