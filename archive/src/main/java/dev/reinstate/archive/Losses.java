package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which positions what cannot be read costs whom: those that a reader cannot fold, which begins with an older image where
 * a newer one is damaged, and with what a merged segment was made from where that is damaged.
 */
final class Losses {
    private final History history;
    private final List<Entry.Segment> segments;
    private final LostPieces pieces;
    private final SourceCheck sources;

    Losses(History history, List<Entry.Segment> segments, LostPieces pieces, SourceCheck sources) {
        this.sources = sources;
        this.history = history;
        this.segments = segments;
        this.pieces = pieces;
    }

    /** Positions that a reader cannot fold for the partition. */
    Positions of(Token token) {
        Positions lost = Positions.NONE;
        for (History.Stretch range : history.ranges()) {
            Positions kept = Positions.NONE;
            for (Entry.Image image : history.images()) {
                if (isIn(range, image.position()) && !isLost(image.parts(), token)) {
                    kept = kept.plus(keptBy(image, range, token));
                }
            }
            lost = lost.plus(positionsOf(range).minus(kept));
        }
        for (LostPieces.Positions other : pieces.positions()) {
            lost = other.concerns(token) ? lost.plus(Positions.of(other.from(), other.to())) : lost;
        }
        return lost.minus(erased(token));
    }

    private Positions erased(Token token) {
        return history.erasures().stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED
                        && erasure.tenant().equals(token))
                .map(erasure -> Positions.of(Lsn.ZERO, erasure.durableTo()))
                .reduce(Positions.NONE, Positions::plus);
    }

    private static Positions positionsOf(History.Stretch range) {
        return Positions.of(range.from().previous(), range.to());
    }

    private static boolean isIn(History.Stretch range, Lsn lsn) {
        return !lsn.isBefore(range.from()) && !lsn.isAfter(range.to());
    }

    private boolean isLost(List<Entry.Part> parts, Token token) {
        return lostParts(parts, token).findAny().isPresent();
    }

    private Stream<Entry.Part> lostParts(List<Entry.Part> parts, Token token) {
        return parts.stream()
                .filter(part -> part.firstToken().compareTo(token) <= 0
                        && part.lastToken().compareTo(token) >= 0
                        && pieces.isLost(part.object().key(), token));
    }

    private Stream<Entry.Segment> lostSegments(Token token) {
        return segments.stream()
                .filter(segment -> pieces.isLost(segment.object().key(), token))
                .flatMap(segment -> sources.lost(segment, token));
    }

    /** From an image on, up to the first segment since that is lost, without where a lost table image is needed. */
    private Positions keptBy(Entry.Image image, History.Stretch range, Token token) {
        Lsn end = lostSegments(token)
                .filter(segment -> !segment.commits().last().isBefore(image.position())
                        && segment.from().isBefore(range.to()))
                .map(segment -> segment.commits().first())
                .reduce(range.to(), Losses::min);
        Positions kept = Positions.of(image.position().previous(), end);
        for (int i = 0; i < history.tableImages().size(); i++) {
            Entry.TableImage tableImage = history.tableImages().get(i);
            if (!tableImage.position().isBefore(image.position()) && isLost(tableImage.parts(), token)) {
                kept = kept.minus(Positions.of(tableImage.position().previous(), min(replaced(i), range.to())));
            }
        }
        return kept;
    }

    /** The first position at which none of the table image's rows are needed. */
    private Lsn replaced(int index) {
        Entry.TableImage image = history.tableImages().get(index);
        Lsn last = Lsn.ZERO;
        for (Entry.Reimaged table : image.tables()) {
            Lsn next = new Lsn(-1);
            for (int i = 0; i < history.tableImages().size(); i++) {
                Entry.TableImage other = history.tableImages().get(i);
                int order = other.position().compareTo(image.position());
                if (other.isOf(table.oid()) && (order > 0 || (order == 0 && i > index))) {
                    next = min(next, other.position().previous());
                }
            }
            last = Lsn.max(last, next);
        }
        return last;
    }

    private static Lsn min(Lsn a, Lsn b) {
        return a.isBefore(b) ? a : b;
    }

    /** What is lost of it, by who loses the same; first what the most lose. */
    List<CheckReport.Loss> byWho(PartitionNames names) {
        if (pieces.isEmpty()) {
            return List.of();
        }
        Map<List<CheckReport.Interval>, List<Token>> who = new LinkedHashMap<>();
        Set<Token> tokens = concerned(names);
        tokens.removeIf(token -> names.isErased(token, history));
        for (Token token : tokens) {
            who.computeIfAbsent(explained(token), lost -> new ArrayList<>()).add(token);
        }
        boolean isEveryone = who.size() == 1;
        List<CheckReport.Loss> losses = new ArrayList<>();
        who.forEach((lost, losers) -> {
            if (!lost.isEmpty()) {
                losses.add(loss(lost, isEveryone ? List.of() : losers, names));
            }
        });
        losses.sort(Comparator.comparingInt(loss -> -loss.tenants().size()));
        return losses;
    }

    /** Those that are known, and the first and last of each lost part, of whom perhaps no other object tells. */
    private Set<Token> concerned(PartitionNames names) {
        Set<Token> tokens = new LinkedHashSet<>(names.tokens());
        tokens.addAll(pieces.tokens());
        Stream.concat(
                        history.images().stream().map(Entry.Image::parts),
                        history.tableImages().stream().map(Entry.TableImage::parts))
                .flatMap(List::stream)
                .filter(part -> pieces.isLost(part.object().key()))
                .forEach(part -> {
                    tokens.add(part.firstToken());
                    tokens.add(part.lastToken());
                });
        return tokens;
    }

    private CheckReport.Loss loss(List<CheckReport.Interval> lost, List<Token> who, PartitionNames names) {
        Positions gone = lost.stream()
                .map(interval -> Positions.of(interval.from(), interval.to()))
                .reduce(Positions.NONE, Positions::plus);
        return new CheckReport.Loss(who.stream().map(names::name).sorted().toList(), lost, without(gone));
    }

    private List<CheckReport.Interval> explained(Token token) {
        return of(token).intervals().stream()
                .map(interval -> timed(interval, objects(token, interval)))
                .toList();
    }

    /** The ranges without those positions. */
    List<CheckReport.Interval> without(Positions gone) {
        List<CheckReport.Interval> left = new ArrayList<>();
        for (History.Stretch range : history.ranges()) {
            positionsOf(range).minus(gone).intervals().forEach(interval -> left.add(timed(interval, List.of())));
        }
        return left;
    }

    /** What every partition keeps. */
    List<ArchiveState.Range> restorable(PartitionNames names) {
        Positions gone = pieces.isEmpty()
                ? Positions.NONE
                : concerned(names).stream().map(this::of).distinct().reduce(Positions.NONE, Positions::plus);
        List<ArchiveState.Range> left = new ArrayList<>();
        for (History.Stretch range : history.ranges()) {
            for (Positions.Interval interval : positionsOf(range).minus(gone).intervals()) {
                left.add(new ArchiveState.Range(
                        new Lsn(interval.from().value() + 1),
                        timeBefore(interval.from(), range),
                        interval.to(),
                        timeAt(interval.to()).orElse(range.toTime())));
            }
        }
        return left;
    }

    private CheckReport.Interval timed(Positions.Interval interval, List<String> objects) {
        Instant from = rangeOf(interval.from())
                .map(range -> timeBefore(interval.from(), range))
                .orElse(Instant.EPOCH);
        return new CheckReport.Interval(interval.from(), interval.to(), from, timeAt(interval.to()), objects);
    }

    private Optional<History.Stretch> rangeOf(Lsn position) {
        return history.ranges().reversed().stream()
                .filter(range -> !position.isBefore(range.from().previous()))
                .findFirst();
    }

    /** The time of the last commit before the position, as exactly as manifests know it. */
    private Instant timeBefore(Lsn position, History.Stretch range) {
        Instant last = range.fromTime();
        for (Entry.Segment segment : segments) {
            boolean isBefore = segment.commits().last().isBefore(position)
                    && !segment.commits().last().isBefore(range.from());
            if (isBefore && segment.commits().maxTime().isAfter(last)) {
                last = segment.commits().maxTime();
            }
        }
        return imageAt(position).filter(last::isBefore).orElse(last);
    }

    /** When the image was taken that the position begins with. */
    private Optional<Instant> imageAt(Lsn position) {
        return Stream.concat(
                        history.images().stream()
                                .filter(image -> image.position().previous().equals(position))
                                .map(Entry.Image::time),
                        history.tableImages().stream()
                                .filter(image -> image.position().previous().equals(position))
                                .map(Entry.TableImage::time))
                .max(Comparator.naturalOrder());
    }

    /** Empty when it is not over. */
    private Optional<Instant> timeAt(Lsn end) {
        Optional<Instant> range = history.ranges().stream()
                .filter(one -> one.to().equals(end))
                .map(History.Stretch::toTime)
                .findFirst();
        return imageAt(end)
                .or(() -> range)
                .or(() -> segments.stream()
                        .filter(segment -> !segment.commits().first().isAfter(end)
                                && !segment.commits().last().isBefore(end))
                        .map(segment -> segment.commits().minTime())
                        .findFirst());
    }

    /** The damaged objects because of which the interval is lost. */
    private List<String> objects(Token token, Positions.Interval interval) {
        Set<String> keys = new TreeSet<>();
        lostSegments(token)
                .filter(segment -> meets(
                        interval, segment.commits().first(), segment.commits().last(), token))
                .forEach(segment -> keys.add(segment.object().key()));
        history.images().stream()
                .filter(image -> meets(interval, image.position().previous(), image.position(), token))
                .forEach(image -> lostParts(image.parts(), token)
                        .forEach(part -> keys.add(part.object().key())));
        history.tableImages().stream()
                .filter(image -> meets(interval, image.position().previous(), image.position(), token))
                .forEach(image -> lostParts(image.parts(), token)
                        .forEach(part -> keys.add(part.object().key())));
        pieces.positions().stream()
                .filter(lost -> lost.concerns(token) && new Positions.Interval(lost.from(), lost.to()).meets(interval))
                .forEach(lost -> keys.add(lost.object()));
        return List.copyOf(keys);
    }

    /** Whether what is needed from {@code first} until a sound image after {@code last} is needed in the interval. */
    private boolean meets(Positions.Interval interval, Lsn first, Lsn last, Token token) {
        Lsn end = history.images().stream()
                .filter(image -> image.position().isAfter(last) && !isLost(image.parts(), token))
                .map(image -> image.position().previous())
                .min(Comparator.naturalOrder())
                .orElse(new Lsn(-1));
        return new Positions.Interval(first, Objects.requireNonNull(end)).meets(interval);
    }
}
