package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.model.ReinstateException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads moments as people write them. A time without a zone is refused: it would mean another second elsewhere. */
final class Moments {
    private static final DateTimeFormatter LOCAL = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .optionalEnd()
            .optionalStart()
            .appendLiteral(' ')
            .optionalEnd()
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter FORMAT = new DateTimeFormatterBuilder()
            .append(LOCAL)
            .optionalStart()
            .appendLiteral(' ')
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH:mm", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH", "Z")
            .optionalEnd()
            .optionalStart()
            .appendZoneRegionId()
            .optionalEnd()
            .toFormatter(Locale.ROOT);

    private Moments() {}

    /** A time with its zone. */
    static Instant time(String text) {
        TemporalAccessor parsed;
        try {
            parsed = FORMAT.parse(text.strip());
        } catch (DateTimeException e) {
            throw ReinstateException.invalid(
                    "\"" + text + "\" is not a time",
                    "a time is a date, a time of day and a zone",
                    "write it as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00");
        }
        LocalDateTime local = LocalDateTime.from(parsed);
        ZoneId zone = parsed.query(TemporalQueries.zone());
        if (zone == null) {
            ZoneOffset here = ZoneId.systemDefault().getRules().getOffset(local);
            throw ReinstateException.invalid(
                    "\"" + text + "\" has no zone",
                    "it is another second in every zone",
                    "write " + local + "Z for UTC"
                            + (here.equals(ZoneOffset.UTC) ? "" : ", or " + local + here + " for this machine's zone"));
        }
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
        if (offsets.size() != 1) {
            throw ReinstateException.invalid(
                    "\"" + text + "\" is not one moment",
                    "the clocks of " + zone + " were changed then: that time came "
                            + (offsets.isEmpty() ? "not at all" : "twice"),
                    "give it with an offset, such as " + local + "Z");
        }
        return local.toInstant(offsets.getFirst());
    }

    /** A time, or a duration ago. */
    static Instant timeOrAgo(String text, Instant now) {
        Optional<Duration> ago = Amounts.parseDuration(text);
        return ago.map(now::minus).orElseGet(() -> time(text));
    }
}
