package dev.reinstate.bench.product;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a JVM's {@code -Xlog:gc} says about its heap. */
final class GarbageLog {
    /** Before, after and committed, for example {@code 120M->30M(512M)}. */
    private static final Pattern COLLECTION = Pattern.compile("(\\d+)M->(\\d+)M\\((\\d+)M\\)");

    private GarbageLog() {}

    /** The fullest the heap ever was when a collection began, in bytes; 0 when none was needed. */
    static long peakHeapBytes(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(COLLECTION::matcher)
                            .filter(Matcher::find)
                            .map(MatchResult::group)
                            .mapToLong(text -> Long.parseLong(text.substring(0, text.indexOf('M'))))
                            .max()
                            .orElse(0)
                    << 20;
        }
    }
}
