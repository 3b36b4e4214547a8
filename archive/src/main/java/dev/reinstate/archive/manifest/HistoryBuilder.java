package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Adds entries up and refuses what breaks an invariant. Not thread-safe. */
public final class HistoryBuilder {
    private History.Origin origin;
    private Lsn durableTo = Lsn.ZERO;
    private Optional<Instant> durableTime = Optional.empty();
    private final List<History.Stretch> ranges = new ArrayList<>();
    private final List<History.Loss> gaps = new ArrayList<>();
    private final List<Entry.Image> images = new ArrayList<>();
    private final List<Entry.TableImage> tableImages = new ArrayList<>();
    private final List<Entry.Catalogue> catalogue = new ArrayList<>();
    private final List<PageReference> pages = new ArrayList<>();
    private final List<Entry.Segment> segments = new ArrayList<>();
    private final List<Entry.Hold> holds = new ArrayList<>();
    private final List<Entry.Erasure> erasures = new ArrayList<>();
    private final List<History.Retired> retired = new ArrayList<>();
    private Optional<Past> past = Optional.empty();
    private Trail trail = Trail.WHOLE;
    private Optional<Merge> merge = Optional.empty();

    public HistoryBuilder(Entry.ArchiveCreated created) {
        origin = new History.Origin(created.store(), created.tokenCheck(), created.tenancyMap());
    }

    public HistoryBuilder(History history) {
        origin = history.origin();
        durableTo = history.durable().to();
        durableTime = history.durable().time();
        ranges.addAll(history.ranges());
        gaps.addAll(history.gaps());
        images.addAll(history.images());
        tableImages.addAll(history.tableImages());
        catalogue.addAll(history.catalogue());
        pages.addAll(history.pages());
        segments.addAll(history.segments());
        holds.addAll(history.holds());
        erasures.addAll(history.erasures());
        retired.addAll(history.retired());
        past = history.past();
        trail = history.trail();
    }

    public History build() {
        History.Durable durable = new History.Durable(durableTo, durableTime);
        return new History(
                origin,
                durable,
                ranges,
                gaps,
                images,
                tableImages,
                catalogue,
                pages,
                segments,
                holds,
                erasures,
                retired,
                past,
                trail);
    }

    /** How many erasures were executed. */
    public long executedErasures() {
        return History.executed(erasures);
    }

    public Lsn durableTo() {
        return durableTo;
    }

    /** Whether history goes on from durable-to: there is an image and no gap since. */
    public boolean isContinuous() {
        return !ranges.isEmpty() && !isInGap();
    }

    /** Where the last range begins; {@link Lsn#ZERO} before the first image. */
    public Lsn rangeFrom() {
        return ranges.isEmpty() ? Lsn.ZERO : ranges.getLast().from();
    }

    /**
     * Throws {@code DAMAGED}, naming the invariant, and changes nothing, if the entry cannot follow. Segments that it
     * replaces must not be in pages: see {@link #unpage}.
     *
     * @param number of its manifest
     */
    public void apply(long number, Entry entry) {
        merge = Optional.empty();
        switch (entry) {
            case Entry.ArchiveCreated created -> throw broken("INV-1", "the archive is created twice");
            case Entry.WriterOpened opened -> {}
            case Entry.TenancyMapChanged changed -> changeMap(changed.tenancyMap());
            case Entry.Image image -> addImage(image);
            case Entry.TableImage image -> addTableImage(image);
            case Entry.Catalogue added -> catalogue.add(added);
            case Entry.Segment segment -> addSegment(segment);
            case Entry.Position position -> advance(position);
            case Entry.Gap gap -> openGap(gap);
            case Entry.Timeline changed -> changeTimeline(changed);
            case Entry.Hold hold -> changeHold(hold);
            case Entry.MergedSegment merged -> merge(number, merged);
            case Entry.Removal removal -> remove(removal);
            case Entry.SyntheticImage synthetic -> addSynthetic(synthetic.image());
            case Entry.Erasure erasure -> changeErasure(erasure);
            case Entry.Retention retention -> retain(number, retention);
            case Entry.Base base -> addBase(number, base);
            case Entry.Leftovers leftovers -> retire(number, leftovers.time(), leftovers.objects());
        }
    }

    /** The merge that the last entry was. */
    public Optional<Merge> merge() {
        return merge;
    }

    /** A segment and those it stands for. */
    public record Merge(Entry.Segment into, List<Entry.Segment> run) {}

    /** Replaces the segments gathered so far by pages that hold them. */
    public void repage(List<PageReference> newPages, List<Entry.Segment> newSegments) {
        pages.clear();
        pages.addAll(newPages);
        segments.clear();
        segments.addAll(newSegments);
    }

    /** The pages that hold what the entry replaces, and all after them. */
    public List<PageReference> pagesFor(Entry entry) {
        if (!(entry instanceof Entry.MergedSegment merged)) {
            return entry instanceof Entry.Retention ? List.copyOf(pages) : List.of();
        }
        int first = 0;
        while (first < pages.size()
                && !pages.get(first).to().isAfter(merged.segment().from())) {
            first++;
        }
        return List.copyOf(pages.subList(first, pages.size()));
    }

    /** Takes segments back out of the last pages. */
    public void unpage(List<PageReference> last, List<Entry.Segment> theirSegments) {
        pages.subList(pages.size() - last.size(), pages.size()).clear();
        segments.addAll(0, theirSegments);
    }

    void removeImagesFrom(Lsn position) {
        images.removeIf(image -> !image.position().isBefore(position));
    }

    /** @param all segments, out of their pages */
    void addPast(Past before, List<Entry.Segment> all) {
        ranges.addAll(0, before.ranges());
        replace(ranges, History.Stretch.joined(ranges));
        images.addAll(0, before.images());
        tableImages.addAll(0, before.tableImages());
        repage(
                List.of(),
                Stream.concat(before.segments().stream(), all.stream())
                        .distinct()
                        .toList());
    }

    private void merge(long number, Entry.MergedSegment merged) {
        Entry.Segment into = merged.segment();
        int first = 0;
        while (first < segments.size() && segments.get(first).from().isBefore(into.from())) {
            first++;
        }
        int end = Math.min(segments.size(), first + merged.replaces().size());
        List<Entry.Segment> run = segments.subList(first, end);
        if (!Merging.isMerged(into, merged.erasedChanges(), run)
                || !Merging.replaced(run).equals(merged.replaces())) {
            throw broken("INV-24", "the segment from " + into.from() + " does not stand for those it replaces");
        }
        if (ranges.stream()
                .noneMatch(range ->
                        !into.from().isBefore(range.from()) && !into.to().isAfter(range.to()))) {
            throw broken("INV-24", "the segment from " + into.from() + " reaches over a gap");
        }
        if (merged.erasedChanges() < 0 || (merged.erasedChanges() > 0 && executedErasures() == 0)) {
            throw broken("INV-24", "the segment from " + into.from() + " leaves changes out, and nobody was erased");
        }
        retire(number, merged.time(), merged.replaces());
        merge = Optional.of(new Merge(into, List.copyOf(run)));
        run.clear();
        segments.add(first, into);
    }

    private void remove(Entry.Removal removal) {
        Set<Long> known = new HashSet<>();
        retired.forEach(one -> known.add(one.manifest()));
        if (removal.manifests().isEmpty() || !known.containsAll(removal.manifests())) {
            throw broken("INV-26", "a removal names a manifest that replaced nothing that was still there");
        }
        retired.removeIf(one -> removal.manifests().contains(one.manifest()));
    }

    private void retain(long number, Entry.Retention retention) {
        Retaining.Result after = Retaining.apply(build(), retention);
        replace(ranges, after.ranges());
        replace(gaps, after.gaps());
        replace(images, after.images());
        replace(tableImages, after.tableImages());
        replace(segments, after.segments());
        past = Optional.of(after.past());
        retire(number, retention.time(), retention.removes());
    }

    private void addBase(long number, Entry.Base base) {
        boolean isNew = base.number() > trail.newest() && base.number() < number;
        boolean begins = base.first() == trail.first()
                || (base.first() > trail.first() && trail.baseAt(base.first()).isPresent());
        boolean keepsReplaced = retired.stream().allMatch(one -> one.manifest() >= base.first());
        if (!isNew
                || !begins
                || (base.first() != trail.first() && !keepsReplaced)
                || base.objects().isEmpty()) {
            throw broken("INV-41", "the chain cannot begin with the state after manifest " + base.number());
        }
        trail = trail.with(base);
    }

    private static <T> void replace(List<T> known, List<T> now) {
        known.clear();
        known.addAll(now);
    }

    private void retire(long number, Instant time, List<Entry.Replaced> replaced) {
        long sizeBytes = replaced.stream().mapToLong(Entry.Replaced::sizeBytes).sum();
        retired.add(new History.Retired(number, time, replaced.size(), sizeBytes));
    }

    private void changeMap(TenancyMap map) {
        origin = new History.Origin(origin.store(), origin.tokenCheck(), map);
    }

    private void addImage(Entry.Image image) {
        if (isContinuous()) {
            if (image.position().isBefore(ranges.getLast().from())) {
                throw broken("INV-13", "an image is before the range it is in");
            }
            insert(image);
            return;
        }
        if (image.position().isBefore(durableTo)) {
            throw broken("INV-13", "an image that ends a gap is before its begin");
        }
        if (isInGap()) {
            History.Loss open = gaps.removeLast();
            gaps.add(new History.Loss(open.from(), Optional.of(image.position()), open.since(), open.reason()));
        }
        images.add(image);
        durableTo = image.position();
        durableTime = Optional.of(image.time());
        ranges.add(new History.Stretch(image.position(), image.time(), image.position(), image.time()));
    }

    private void insert(Entry.Image image) {
        int place = images.size();
        while (place > 0 && images.get(place - 1).position().isAfter(image.position())) {
            place--;
        }
        images.add(place, image);
    }

    private void addSynthetic(Entry.Image image) {
        Lsn base = image.base().orElse(Lsn.ZERO);
        boolean isInRange = ranges.stream()
                .anyMatch(range -> !base.isBefore(range.from())
                        && image.position().isAfter(base)
                        && !image.position().isAfter(range.to()));
        if (!isInRange || images.stream().noneMatch(known -> known.position().equals(base))) {
            throw broken("INV-25", "a synthetic image at " + image.position() + " has no base");
        }
        insert(image);
    }

    /** Of the range, those that were made without a table image at that position. */
    private void takeOutSynthetic(Lsn position) {
        Lsn from = rangeFrom();
        images.removeIf(image -> image.base().isPresent()
                && image.position().isAfter(position)
                && !image.position().isBefore(from));
    }

    private void addTableImage(Entry.TableImage image) {
        requireContinuous("a table image");
        if (image.position().isBefore(rangeFrom()) || image.position().isAfter(durableTo)) {
            throw broken("INV-18", "a table image at " + image.position() + " is outside of its range");
        }
        if (!image.durableTo().equals(durableTo)) {
            throw broken("INV-18", "a table image says that history reached to " + image.durableTo());
        }
        Set<Integer> oids = new HashSet<>();
        for (Entry.Reimaged table : image.tables()) {
            if (!oids.add(table.oid()) || table.uncertainFrom().isAfter(image.position())) {
                throw broken("INV-18", "a table image names " + table.table() + " twice or with a wrong interval");
            }
        }
        if (oids.isEmpty()) {
            throw broken("INV-18", "a table image names no table");
        }
        takeOutSynthetic(image.position());
        tableImages.add(image);
    }

    private void addSegment(Entry.Segment segment) {
        requireContinuous("a segment");
        if (!segment.from().equals(durableTo)) {
            throw broken("INV-4", "a segment begins at " + segment.from() + ", history reaches " + durableTo);
        }
        Entry.Commits commits = segment.commits();
        if (commits.count() < 1
                || commits.first().isBefore(segment.from())
                || commits.last().isBefore(commits.first())
                || !commits.last().isBefore(segment.to())) {
            throw broken("INV-5", "the segment from " + segment.from() + " names commits outside of it");
        }
        segments.add(segment);
        extend(segment.to(), commits.maxTime());
    }

    private void advance(Entry.Position position) {
        requireContinuous("a position");
        if (!position.to().isAfter(durableTo)) {
            throw broken("INV-12", "a position at " + position.to() + " is not after " + durableTo);
        }
        extend(position.to(), position.time());
    }

    private void extend(Lsn to, Instant time) {
        History.Stretch range = ranges.removeLast();
        Instant latest = time.isAfter(range.toTime()) ? time : range.toTime();
        ranges.add(new History.Stretch(range.from(), range.fromTime(), to, latest));
        durableTo = to;
        durableTime = Optional.of(latest);
    }

    private void openGap(Entry.Gap gap) {
        requireContinuous("a gap");
        gaps.add(new History.Loss(gap.from(), Optional.empty(), gap.time(), gap.reason()));
    }

    private void changeTimeline(Entry.Timeline changed) {
        StoreIdentity store = origin.store();
        if (changed.timeline() <= store.timeline()) {
            throw broken("INV-34", "timeline " + changed.timeline() + " follows timeline " + store.timeline());
        }
        origin = new History.Origin(
                new StoreIdentity(store.systemIdentifier(), changed.timeline(), store.database()),
                origin.tokenCheck(),
                origin.tenancyMap());
        if (isContinuous() && changed.fork().isBefore(durableTo)) {
            gaps.add(new History.Loss(durableTo, Optional.empty(), changed.time(), changed.reason()));
        }
    }

    private void changeHold(Entry.Hold hold) {
        boolean held = holds.removeIf(known -> !hold.placed() && known.tenant().equals(hold.tenant()));
        if (hold.placed()) {
            if (holds.stream().anyMatch(known -> known.tenant().equals(hold.tenant()))) {
                throw broken("INV-23", "a tenant is held that is held already");
            }
            holds.add(hold);
        } else if (!held) {
            throw broken("INV-23", "a tenant is released that is not held");
        }
    }

    private void changeErasure(Entry.Erasure erasure) {
        Optional<Entry.Erasure> before = build().erasureOf(erasure.tenant());
        boolean isScheduled = before.filter(known -> known.step() == Entry.ErasureStep.SCHEDULED)
                .isPresent();
        boolean begins = erasure.step() == Entry.ErasureStep.SCHEDULED;
        if (begins == isScheduled || erasure.generation() != build().generationOf(erasure.tenant())) {
            throw broken("INV-22", "an erasure is " + erasure.step() + " out of turn");
        }
        if (erasure.step() == Entry.ErasureStep.EXECUTED
                && holds.stream().anyMatch(hold -> hold.tenant().equals(erasure.tenant()))) {
            throw broken("INV-22", "a tenant is erased that is held");
        }
        before.filter(known -> isScheduled).ifPresent(erasures::remove);
        if (erasure.step() != Entry.ErasureStep.CANCELLED) {
            erasures.add(erasure);
        }
    }

    private boolean isInGap() {
        return !gaps.isEmpty() && gaps.getLast().to().isEmpty();
    }

    private void requireContinuous(String what) {
        if (!isContinuous()) {
            throw broken("INV-13", what + " without an image before it");
        }
    }

    private static ReinstateException broken(String invariant, String why) {
        return Damage.of(invariant, "The archive's manifests", why);
    }
}
