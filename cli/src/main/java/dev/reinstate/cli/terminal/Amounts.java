package dev.reinstate.cli.terminal;

import dev.reinstate.model.ReinstateException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quantities as people write and read them. Bytes count in 1024s, as PostgreSQL's settings do. */
public final class Amounts {
    private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};
    private static final Pattern BYTES = Pattern.compile("(\\d{1,15})\\s*(B|kB|MB|GB|TB)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|min|m|h|d)");
    private static final Map<String, Duration> DURATION_UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "min", Duration.ofMinutes(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    private static final DateTimeFormatter MICROSECOND = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Amounts() {}

    /** For example {@code 417 B}, {@code 1.2 MB}. */
    public static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (Math.abs(value) >= 1024 && unit < BYTE_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, BYTE_UNITS[unit]);
    }

    /** Reads {@code 20GB}; empty when it is not a size. */
    public static Optional<Long> parseBytes(String text) {
        Matcher matcher = BYTES.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long value = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        for (String name : BYTE_UNITS) {
            if (name.equalsIgnoreCase(unit)) {
                return Optional.of(value);
            }
            value = Math.multiplyExact(value, 1024);
        }
        return Optional.empty();
    }

    /** For example {@code 1,234,567}. */
    public static String count(long count) {
        String digits = Long.toString(count);
        StringBuilder grouped = new StringBuilder(digits);
        for (int at = digits.length() - 3; at > (count < 0 ? 1 : 0); at -= 3) {
            grouped.insert(at, ',');
        }
        return grouped.toString();
    }

    /** For example {@code 1 row}, {@code 2,000 rows}; the plural is the word with an s. */
    public static String count(long count, String word) {
        return count(count) + " " + word + (count == 1 ? "" : "s");
    }

    /** For example {@code 3,400/s}. */
    public static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 10 ? "%,.1f/s" : "%,.0f/s", perSecond);
    }

    /** For example {@code 12 ms}, {@code 1.4 s}, {@code 3 min 20 s}, {@code 2 h 5 min}, {@code 3 d 4 h}. */
    public static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (duration.isNegative()) {
            return "-" + duration(duration.negated());
        }
        if (seconds < 1) {
            return duration.toMillis() + " ms";
        }
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds < 86_400
                ? seconds / 3600 + " h " + seconds % 3600 / 60 + " min"
                : seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
    }

    /** Reads {@code 500ms}, {@code 2s}, {@code 5min}, {@code 1h}, {@code 2d}; empty when it is not a duration. */
    public static Optional<Duration> parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Duration unit = DURATION_UNITS.getOrDefault(matcher.group(2), Duration.ZERO);
        return Optional.of(unit.multipliedBy(Long.parseLong(matcher.group(1))));
    }

    /** Reads what was given with an option; {@code INVALID}, with an example of one, when it is not a duration. */
    public static Duration durationOf(String option, String text, String example) {
        return parseDuration(text)
                .orElseThrow(() -> ReinstateException.invalid(
                        "\"" + text + "\" is not a duration", option + " is one", "write it as " + example));
    }

    /** To the second, in UTC: for tables. */
    public static String time(Instant time) {
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 0, ZoneOffset.UTC);
        return utc.toLocalDate() + " " + twoDigits(utc.getHour()) + ":" + twoDigits(utc.getMinute()) + ":"
                + twoDigits(utc.getSecond()) + "Z";
    }

    private static String twoDigits(int value) {
        return value < 10 ? "0" + value : Integer.toString(value);
    }

    /** To the microsecond, in UTC, in a form {@code --at} takes. */
    public static String exactTime(Instant time) {
        return MICROSECOND.format(time);
    }
}
