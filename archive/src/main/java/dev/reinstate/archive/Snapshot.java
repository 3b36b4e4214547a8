package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.UncertainInterval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An archive as of one manifest: what every read begins with. Immutable, so that a read in progress is not disturbed by
 * a refresh.
 *
 * @param sources what stands in for merged segments that are damaged
 * @param cut damage of the chain because of which nothing after the state is known
 */
record Snapshot(
        long number,
        History history,
        ArchiveKeys keys,
        SegmentCatalog catalog,
        ObjectReader objects,
        MergeSources sources,
        Optional<ReinstateException> cut) {
    /** Of a chain that is whole. */
    Snapshot(
            long number,
            History history,
            ArchiveKeys keys,
            SegmentCatalog catalog,
            ObjectReader objects,
            MergeSources sources) {
        this(number, history, keys, catalog, objects, sources, Optional.empty());
    }

    Token token(Partition partition) {
        return keys.tokenKey().tokenOf(partition);
    }

    /** Without the images from a position on. */
    Snapshot withoutImagesFrom(Lsn position) {
        return of(history.withoutImagesFrom(position));
    }

    /** With others in place of that segment. */
    Snapshot with(Entry.Segment replaced, List<Entry.Segment> others) {
        return with(catalog.all(history).stream()
                .flatMap(segment -> segment.equals(replaced) ? others.stream() : Stream.of(segment))
                .toList());
    }

    /** With only those segments, for what needs no others. */
    Snapshot with(List<Entry.Segment> segments) {
        return of(history.repaged(List.of(), segments));
    }

    private Snapshot of(History other) {
        return new Snapshot(number, other, keys, catalog, objects, sources, cut);
    }

    /** As tenants see it that are held. */
    Snapshot withPast() {
        boolean isAnyHeld =
                history.past().filter(past -> !past.held().isEmpty()).isPresent();
        return isAnyHeld ? of(history.withPast(catalog.all(history))) : this;
    }

    /**
     * From which image's position on the partition's moments are kept: shared rows and events of whole tables as long as
     * those of any tenant.
     */
    Lsn keptFrom(Partition partition) {
        return history.past()
                .flatMap(past -> switch (partition) {
                    case Partition.OfTenant tenant ->
                        past.keptFrom(token(tenant)).or(() -> Optional.of(past.from()));
                    case Partition.Shared shared -> past.keptFrom().or(() -> Optional.of(past.from()));
                    case Partition.StoreEvents events -> past.keptFrom().or(() -> Optional.of(past.from()));
                    case Partition.Unattributed unattributed -> Optional.of(past.from());
                })
                .orElse(Lsn.ZERO);
    }

    /** What of the archive a read of the partition sees. */
    Snapshot of(Partition partition) {
        boolean hasPast = history.past()
                .filter(past -> keptFrom(partition).isBefore(past.from()))
                .isPresent();
        return hasPast ? withPast() : this;
    }

    /** The position, or if it is not kept, the first that is. */
    Lsn firstKept(Partition partition, Lsn position) {
        Lsn kept = keptFrom(partition);
        return kept.equals(Lsn.ZERO) || !position.isBefore(kept.previous()) ? position : kept.previous();
    }

    /** {@code NOT_RESTORABLE} where retention let go of the partition's rows. */
    void requireKept(Partition partition, Lsn position) {
        if (position.isBefore(firstKept(partition, position))) {
            throw notRestorable("The state at position " + position, reason(position), nearest(position));
        }
    }

    /** Segments with commits from {@code first} to {@code last}, both included. */
    List<Entry.Segment> segments(Lsn first, Lsn last) {
        return catalog.withCommits(history, first, last);
    }

    /** The range a position is in; {@code NOT_RESTORABLE}, naming what is near, if there is none. */
    History.Stretch rangeOf(Lsn position) {
        return history.ranges().reversed().stream()
                .filter(range -> range.covers(position))
                .findFirst()
                .orElseThrow(() -> cut.filter(
                                damage -> !position.isBefore(history.durable().to()))
                        .orElseGet(() -> notRestorable(
                                "The state at position " + position, reason(position), nearest(position))));
    }

    /** The images of the range that a fold at the position can begin with, newest first. */
    List<Entry.Image> imagesFor(Lsn position) {
        History.Stretch range = rangeOf(position);
        List<Entry.Image> found = history.images().reversed().stream()
                .filter(image -> !image.position().isBefore(range.from()))
                .filter(image -> !position.isBefore(image.position().previous()))
                .toList();
        if (found.isEmpty()) {
            throw ReinstateException.bug("The range from " + range.from(), "it has no image");
        }
        return found;
    }

    /** What a fold at the position begins with that begins with that image. */
    FoldBase baseOf(Entry.Image image, Lsn position) {
        return FoldBase.of(history, image, new Lsn(position.value() + 1));
    }

    /** By oid, the tables whose rows may not be right at the position, each with the interval that begins first. */
    Map<Integer, UncertainInterval> uncertainAt(Lsn position) {
        return StateView.uncertain(history).stream()
                .filter(interval -> interval.covers(position))
                .collect(Collectors.toMap(
                        UncertainInterval::oid,
                        Function.identity(),
                        (known, other) -> other.from().isBefore(known.from()) ? other : known));
    }

    /** Up to where tenants were erased. */
    Map<Token, Lsn> erasedTo() {
        Map<Token, Lsn> erasedTo = new HashMap<>();
        history.erasures().stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED)
                .forEach(erasure -> erasedTo.put(erasure.tenant(), erasure.durableTo()));
        return erasedTo;
    }

    /** The tenant's erasure, if it was executed. */
    Optional<Entry.Erasure> erasureOf(Token token) {
        return history.erasures().stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED
                        && erasure.tenant().equals(token))
                .reduce((one, other) -> other);
    }

    /** {@code NOT_RESTORABLE} where the partition's rows were erased. */
    void requireNotErased(Partition partition, Lsn position) {
        erasureOf(token(partition))
                .filter(erasure -> position.isBefore(erasure.durableTo()))
                .ifPresent(erasure -> {
                    throw ReinstateException.notRestorable(
                            "The tenant cannot be restored to " + position,
                            "it was erased at " + erasure.time() + ", on purpose and for good: " + erasure.reason(),
                            "nothing brings it back; what was written of a tenant of that name since "
                                    + erasure.durableTo() + " can be restored");
                });
    }

    private String reason(Lsn position) {
        if (history.ranges().isEmpty()) {
            return "the archive has no image yet";
        }
        if (history.past()
                .filter(past -> position.isBefore(past.from().previous()))
                .isPresent()) {
            return notKept();
        }
        if (position.isBefore(history.ranges().getFirst().from().previous())) {
            return "it is before the first image";
        }
        if (!position.isBefore(history.durable().to())) {
            return history.isInGap()
                    ? "history was lost at " + history.durable().to() + " and no new image has been taken"
                    : "history is durable only up to before "
                            + history.durable().to();
        }
        return gapReason(position);
    }

    private String notKept() {
        return "it is no longer kept"
                + history.past()
                        .map(past -> ": retention let go of what was before " + past.from() + ", at " + past.since())
                        .orElse("");
    }

    private String gapReason(Lsn position) {
        return history.gaps().stream()
                .filter(gap -> !position.isBefore(gap.from()))
                .reduce((first, second) -> second)
                .map(gap -> "history was lost there: " + gap.reason())
                .orElse("it is not covered");
    }

    private String nearest(Lsn position) {
        Optional<Lsn> before = history.ranges().stream()
                .map(range -> range.to().previous())
                .filter(last -> last.isBefore(position))
                .reduce((first, second) -> second);
        Optional<Lsn> after = history.ranges().stream()
                .map(range -> range.from().previous())
                .filter(first -> first.isAfter(position))
                .findFirst();
        List<String> choices = new ArrayList<>();
        before.ifPresent(lsn -> choices.add(lsn + " before it"));
        after.ifPresent(lsn -> choices.add(lsn + " after it"));
        return choices.isEmpty()
                ? "wait until the first image is taken"
                : "choose a position that can be restored; the nearest: " + String.join(", ", choices);
    }

    ReinstateException notRestorable(String what, String why, String next) {
        return ReinstateException.notRestorable(what + " cannot be restored", why, next)
                .withDetails(history.ranges().stream()
                        .map(range -> "restorable: " + range.from().previous() + " (" + range.fromTime() + ") to "
                                + range.to().previous() + " (" + range.toTime() + ")")
                        .toList());
    }

    ReinstateException notRestorable(Instant time) {
        if (cut.isPresent() && history.durable().time().filter(time::isAfter).isPresent()) {
            return cut.get();
        }
        if (history.ranges().isEmpty()) {
            return notRestorable(
                    "The state at " + time, "the archive has no image yet", "wait until the first image is taken");
        }
        boolean isBefore = time.isBefore(history.ranges().getFirst().fromTime());
        String why = isBefore && history.past().isPresent()
                ? notKept()
                : isBefore
                        ? "it is before the first image, of "
                                + history.ranges().getFirst().fromTime()
                        : time.isAfter(history.ranges().getLast().toTime())
                                ? "history is durable only up to "
                                        + history.ranges().getLast().toTime()
                                : "history was lost then";
        return notRestorable("The state at " + time, why, "choose a time within a range that can be restored");
    }
}
