package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The end of an archive at some moment, to be written down outside of it: an archive cannot tell by itself that its
 * newest entries were taken away.
 *
 * @param archive which archive: the check value of its token key, 32 hex digits
 * @param number of the newest manifest, from 1
 * @param sha256 of all its bytes, in hex
 * @param durableTo how far history reached; {@link Lsn#ZERO} before the first image
 * @param durableTime the time of that
 */
public record ArchiveHead(String archive, long number, String sha256, Lsn durableTo, Optional<Instant> durableTime) {
    private static final String NEVER = "-";
    private static final Pattern TEXT = Pattern.compile(
            "archive ([0-9a-f]{32}) manifest ([0-9]{1,18}) sha256 ([0-9a-f]{64}) to ([0-9A-F]{1,8}/[0-9A-F]{1,8}) at (\\S+)");

    /** One line, which {@link #find} finds again in any text. */
    public String text() {
        return "archive " + archive + " manifest " + number + " sha256 " + sha256 + " to " + durableTo + " at "
                + durableTime.map(Instant::toString).orElse(NEVER);
    }

    /** The first head in a text; empty when there is none that is whole. */
    public static Optional<ArchiveHead> find(String text) {
        Matcher found = TEXT.matcher(text);
        if (!found.find()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ArchiveHead(
                    found.group(1),
                    Long.parseLong(found.group(2)),
                    found.group(3),
                    Lsn.parse(found.group(4)),
                    found.group(5).equals(NEVER) ? Optional.empty() : Optional.of(Instant.parse(found.group(5)))));
        } catch (ReinstateException | DateTimeException e) {
            return Optional.empty();
        }
    }
}
