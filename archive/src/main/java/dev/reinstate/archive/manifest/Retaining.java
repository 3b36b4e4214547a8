package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a retention entry makes of a history (INV-36). */
final class Retaining {
    private final History before;
    private final Entry.Retention entry;
    private final Lsn from;
    private final Set<String> removed = new HashSet<>();

    /** What is in place of what a history had. */
    record Result(
            List<History.Stretch> ranges,
            List<History.Loss> gaps,
            List<Entry.Image> images,
            List<Entry.TableImage> tableImages,
            List<Entry.Segment> segments,
            Past past) {}

    private Retaining(History before, Entry.Retention entry) {
        this.before = before;
        this.entry = entry;
        this.from = entry.from();
        entry.removes().forEach(object -> removed.add(object.key()));
    }

    /**
     * Throws {@code DAMAGED} if the entry cannot follow.
     *
     * @param before with all segments out of their pages
     */
    static Result apply(History before, Entry.Retention entry) {
        return new Retaining(before, entry).apply();
    }

    private Result apply() {
        Entry.Image begin = before.images().stream()
                .filter(image -> image.position().equals(from))
                .findFirst()
                .orElseThrow(() -> broken("there is no image at " + from));
        History.Stretch range = before.ranges().stream()
                .filter(known -> !from.isBefore(known.from()) && !from.isAfter(known.to()))
                .reduce((one, other) -> other)
                .orElseThrow(() -> broken("no range has the position " + from));
        requireHeldIsThere();
        requireOnlyOld();
        List<History.Stretch> ranges = new ArrayList<>();
        ranges.add(new History.Stretch(from, begin.time(), range.to(), latest(range.toTime(), begin.time())));
        before.ranges().stream()
                .filter(known -> known.from().isAfter(range.from()))
                .forEach(ranges::add);
        return new Result(
                ranges,
                before.gaps().stream()
                        .filter(gap -> gap.to().isEmpty() || gap.to().get().isAfter(from))
                        .toList(),
                before.images().stream()
                        .filter(image -> !isOld(image.position()))
                        .toList(),
                before.tableImages().stream()
                        .filter(image -> !isOld(image.position()))
                        .toList(),
                before.segments().stream()
                        .filter(segment -> segment.to().isAfter(from))
                        .toList(),
                past(range, begin.time()));
    }

    private boolean isOld(Lsn position) {
        return position.isBefore(from);
    }

    private static Instant latest(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private void requireHeldIsThere() {
        Lsn begin = before.ranges().getFirst().from();
        for (Entry.Kept kept : entry.held()) {
            Lsn there =
                    before.past().flatMap(past -> past.keptFrom(kept.tenant())).orElse(begin);
            if (kept.from().isBefore(there) || !kept.from().isBefore(from)) {
                throw broken("a tenant is kept from " + kept.from() + " on, where it has nothing");
            }
        }
        if (before.past().filter(past -> from.isBefore(past.from())).isPresent()) {
            throw broken("moments before " + from + " come back");
        }
    }

    private void requireOnlyOld() {
        Set<String> old = new HashSet<>();
        images().forEach(image ->
                image.parts().forEach(part -> old.add(part.object().key())));
        tableImages()
                .forEach(image ->
                        image.parts().forEach(part -> old.add(part.object().key())));
        segments()
                .filter(segment -> !segment.to().isAfter(from))
                .forEach(segment -> old.add(segment.object().key()));
        if (!old.containsAll(removed)) {
            throw broken("an object is removed that is needed, or is not there any more");
        }
    }

    private Stream<Entry.Image> images() {
        return Stream.concat(
                before.past().stream().flatMap(past -> past.images().stream()),
                before.images().stream().filter(image -> isOld(image.position())));
    }

    private Stream<Entry.TableImage> tableImages() {
        return Stream.concat(
                before.past().stream().flatMap(past -> past.tableImages().stream()),
                before.tableImages().stream().filter(image -> isOld(image.position())));
    }

    /** Those that begin before the position, each once. */
    private Stream<Entry.Segment> segments() {
        return Stream.concat(
                        before.past().stream().flatMap(past -> past.segments().stream()), before.segments().stream())
                .filter(segment -> isOld(segment.from()))
                .distinct();
    }

    private Past past(History.Stretch range, Instant beginTime) {
        Optional<Lsn> keptFrom = entry.held().stream().map(Entry.Kept::from).min(Lsn::compareTo);
        List<History.Stretch> ranges = new ArrayList<>();
        keptFrom.ifPresent(kept -> {
            before.past().ifPresent(past -> ranges.addAll(past.ranges()));
            before.ranges().stream()
                    .filter(known -> known.from().isBefore(range.from()))
                    .forEach(ranges::add);
            if (range.from().isBefore(from)) {
                ranges.add(new History.Stretch(range.from(), range.fromTime(), from, beginTime));
            }
            ranges.removeIf(known -> !known.to().isAfter(kept));
        });
        return new Past(
                from,
                entry.time(),
                entry.held(),
                History.Stretch.joined(ranges),
                images().map(this::remaining)
                        .filter(image -> !image.parts().isEmpty() || isKept(keptFrom, image.position()))
                        .toList(),
                tableImages()
                        .map(this::remaining)
                        .filter(image -> !image.parts().isEmpty() || isKept(keptFrom, image.position()))
                        .toList(),
                segments()
                        .filter(segment -> !removed.contains(segment.object().key()))
                        .filter(segment -> !segment.to().isAfter(from) || keptFrom.isPresent())
                        .toList());
    }

    private static boolean isKept(Optional<Lsn> keptFrom, Lsn position) {
        return keptFrom.filter(kept -> !position.isBefore(kept)).isPresent();
    }

    private Entry.Image remaining(Entry.Image image) {
        return new Entry.Image(image.position(), image.time(), image.rows(), remaining(image.parts()), image.base());
    }

    private Entry.TableImage remaining(Entry.TableImage image) {
        return new Entry.TableImage(
                image.position(),
                image.time(),
                image.durableTo(),
                image.rows(),
                image.tables(),
                remaining(image.parts()));
    }

    private List<Entry.Part> remaining(List<Entry.Part> parts) {
        return parts.stream()
                .filter(part -> !removed.contains(part.object().key()))
                .toList();
    }

    private static ReinstateException broken(String why) {
        return Damage.of("INV-36", "The archive's manifests", "a retention does not follow: " + why);
    }
}
