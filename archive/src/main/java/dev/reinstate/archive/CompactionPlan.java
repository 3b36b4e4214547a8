package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which segments are merged next. Every segment has a class by its size: 0 below a unit, each next one {@code fanOut}
 * times as large, the last one is never merged again. Within a range, two things are done, lowest class first:
 *
 * <ul>
 *   <li>{@code fanOut} segments of one class, with nothing larger between them, become one, with what is between;
 *   <li>two or more that lie between larger ones become one: nothing will come to them any more.
 * </ul>
 *
 * So of each class but the last there are less than {@code fanOut} between two larger ones, with at most one smaller
 * beside each; and each change is written at most once a class, and once for each larger segment that came after it.
 *
 * @param fanOut at least 2
 * @param unitBytes where class 1 begins
 * @param unitCommits where class 1 begins, if it is not by bytes
 * @param classes the last class is this one
 */
record CompactionPlan(int fanOut, long unitBytes, long unitCommits, int classes) {
    /** Bounds the open objects, and with them the memory, of one merge. */
    static final int MAX_INPUTS = 64;

    /** The table of all commits of a merge is in memory: 72 MB. */
    private static final long MAX_COMMITS = 2_000_000;

    /** Class 5 begins at 256 MB, or at a million commits, whose table takes 36 MB of memory. */
    static final CompactionPlan DEFAULT = new CompactionPlan(16, 4 << 10, 16, 5);

    CompactionPlan {
        if (fanOut < 2 || fanOut > MAX_INPUTS || unitBytes < 1 || unitCommits < 1 || classes < 1) {
            throw new IllegalArgumentException("a compaction plan");
        }
    }

    int classOf(Entry.Segment segment) {
        int found = 0;
        long bytes = unitBytes;
        long commits = unitCommits;
        while (found < classes
                && (segment.object().sizeBytes() >= bytes || segment.commits().count() >= commits)) {
            found++;
            bytes *= fanOut;
            commits *= fanOut;
        }
        return found;
    }

    /** The next run to merge, oldest first; empty when there is nothing to do. */
    Optional<List<Entry.Segment>> next(List<History.Stretch> ranges, List<Entry.Segment> segments) {
        return next(ranges, segments, segment -> false);
    }

    /** @param isFixed of those that are left as they are, like the largest */
    Optional<List<Entry.Segment>> next(
            List<History.Stretch> ranges, List<Entry.Segment> segments, Predicate<Entry.Segment> isFixed) {
        for (int candidates = 0; candidates < classes; candidates++) {
            for (History.Stretch range : ranges) {
                List<Entry.Segment> within = segments.stream()
                        .filter(segment -> !segment.from().isBefore(range.from())
                                && !segment.to().isAfter(range.to()))
                        .toList();
                Optional<List<Entry.Segment>> found = next(candidates, within, isFixed);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<List<Entry.Segment>> next(
            int ofClass, List<Entry.Segment> segments, Predicate<Entry.Segment> isFixed) {
        List<Entry.Segment> run = new ArrayList<>();
        int counted = 0;
        long commits = 0;
        for (Entry.Segment segment : segments) {
            int found = isFixed.test(segment) ? classes : classOf(segment);
            boolean isFull = commits + segment.commits().count() > MAX_COMMITS;
            if (found > ofClass || isFull) {
                if (run.size() > 1) {
                    return Optional.of(List.copyOf(run)); // closed: nothing will come to them
                }
                run.clear();
                counted = 0;
                commits = 0;
            }
            if (found > ofClass) {
                continue;
            }
            run.add(segment);
            commits += segment.commits().count();
            counted += found == ofClass ? 1 : 0;
            if (counted == fanOut || run.size() == MAX_INPUTS) {
                return Optional.of(List.copyOf(run));
            }
        }
        return Optional.empty();
    }
}
