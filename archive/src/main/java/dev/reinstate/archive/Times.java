package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Translates between time and position by the segments' timelines. */
final class Times {
    private final Snapshot snapshot;

    Times(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    /** The last commit such that it and every commit of its range before it has a commit time at or before the time. */
    Lsn positionAt(Instant time) {
        History.Stretch range = snapshot.history().ranges().reversed().stream()
                .filter(candidate -> !time.isBefore(candidate.fromTime()) && !time.isAfter(candidate.toTime()))
                .findFirst()
                .orElseThrow(() -> snapshot.notRestorable(time));
        Lsn last = range.from().previous();
        for (Entry.Segment segment : snapshot.segments(range.from(), range.to().previous())) {
            // Every commit before this segment is at or before the time, or the loop would have ended.
            if (!segment.commits().maxTime().isAfter(time)) {
                last = segment.commits().last();
                continue;
            }
            for (CommitTable commits : timelines(segment)) {
                for (int i = 0; i < commits.size(); i++) {
                    Lsn lsn = new Lsn(commits.lsn(i));
                    if (lsn.isBefore(range.from())) {
                        continue; // in the image
                    }
                    if (CommitTable.timeOf(commits.micros(i)).isAfter(time)) {
                        return last;
                    }
                    last = lsn;
                }
            }
        }
        return last;
    }

    /** One, or of those that it was merged from. */
    private List<CommitTable> timelines(Entry.Segment segment) {
        return snapshot.sources().read(segment, snapshot.objects()::timeline);
    }

    List<Commit> commits(Lsn after, Lsn upTo) {
        List<Commit> found = new ArrayList<>();
        for (Entry.Segment segment : snapshot.segments(new Lsn(after.value() + 1), upTo)) {
            for (CommitTable commits : timelines(segment)) {
                for (int i = 0; i < commits.size(); i++) {
                    Lsn lsn = new Lsn(commits.lsn(i));
                    if (lsn.isAfter(after) && !lsn.isAfter(upTo)) {
                        found.add(commits.commit(i));
                    }
                }
            }
        }
        return found;
    }
}
