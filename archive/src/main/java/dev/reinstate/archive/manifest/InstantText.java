package dev.reinstate.archive.manifest;

import java.time.Instant;
import java.time.LocalDate;

/**
 * Reads moments as documents have them, {@code 2026-01-01T00:00:00.123456Z}: {@link Instant#parse}, which knows many other
 * forms, takes ten times as long, and a month of segments has thousands.
 */
final class InstantText {
    private static final String SHAPE = "dddd-dd-ddTdd:dd:dd";
    private static final int NANO_DIGITS = 9;
    private static final int LONGEST = SHAPE.length() + 1 + NANO_DIGITS + 1;
    private static final long DAY_SECONDS = 86_400;

    private InstantText() {}

    /** Throws {@link java.time.DateTimeException} if it is no moment. */
    static Instant parse(String text) {
        if (!isPlain(text)) {
            return Instant.parse(text);
        }
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        if (hour > 23 || minute > 59 || second > 59) {
            return Instant.parse(text); // says what is wrong, or knows better
        }
        LocalDate day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
        long seconds = day.toEpochDay() * DAY_SECONDS + (hour * 60L + minute) * 60 + second;
        return Instant.ofEpochSecond(seconds, nanos(text));
    }

    private static boolean isPlain(String text) {
        int end = text.length() - 1;
        if (end < SHAPE.length() || end >= LONGEST || text.charAt(end) != 'Z') {
            return false;
        }
        for (int i = 0; i < SHAPE.length(); i++) {
            char expected = SHAPE.charAt(i);
            char found = text.charAt(i);
            if (expected == 'd' ? !isDigit(found) : found != expected) {
                return false;
            }
        }
        if (end == SHAPE.length()) {
            return true;
        }
        for (int i = SHAPE.length() + 1; i < end; i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        return text.charAt(SHAPE.length()) == '.' && end > SHAPE.length() + 1;
    }

    private static boolean isDigit(char letter) {
        return letter >= '0' && letter <= '9';
    }

    private static int number(String text, int begin, int end) {
        return Integer.parseInt(text, begin, end, 10);
    }

    private static int nanos(String text) {
        int begin = SHAPE.length() + 1;
        int end = text.length() - 1;
        if (begin >= end) {
            return 0;
        }
        int nanos = number(text, begin, end);
        for (int digits = end - begin; digits < NANO_DIGITS; digits++) {
            nanos *= 10;
        }
        return nanos;
    }
}
