package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of positions: intervals from {@code from} to before {@code to}, ascending, that do not touch one another.
 * Immutable.
 */
record Positions(List<Interval> intervals) {
    static final Positions NONE = new Positions(List.of());

    record Interval(Lsn from, Lsn to) {
        boolean isEmpty() {
            return !to.isAfter(from);
        }

        boolean meets(Interval other) {
            return from.isBefore(other.to) && to.isAfter(other.from);
        }
    }

    static Positions of(Lsn from, Lsn to) {
        Interval interval = new Interval(from, to);
        return interval.isEmpty() ? NONE : new Positions(List.of(interval));
    }

    boolean isEmpty() {
        return intervals.isEmpty();
    }

    boolean contains(Lsn position) {
        return intervals.stream().anyMatch(one -> !position.isBefore(one.from) && position.isBefore(one.to));
    }

    Positions plus(Positions other) {
        List<Interval> all = new ArrayList<>(intervals);
        all.addAll(other.intervals);
        all.sort(Comparator.comparing(Interval::from));
        List<Interval> joined = new ArrayList<>();
        for (Interval next : all) {
            if (joined.isEmpty() || next.from.isAfter(joined.getLast().to)) {
                joined.add(next);
            } else {
                Interval last = joined.removeLast();
                joined.add(new Interval(last.from, Lsn.max(last.to, next.to)));
            }
        }
        return new Positions(List.copyOf(joined));
    }

    Positions minus(Positions other) {
        List<Interval> left = intervals;
        for (Interval hole : other.intervals) {
            List<Interval> next = new ArrayList<>();
            for (Interval one : left) {
                if (!one.meets(hole)) {
                    next.add(one);
                    continue;
                }
                if (hole.from.isAfter(one.from)) {
                    next.add(new Interval(one.from, hole.from));
                }
                if (hole.to.isBefore(one.to)) {
                    next.add(new Interval(hole.to, one.to));
                }
            }
            left = next;
        }
        return new Positions(List.copyOf(left));
    }
}
