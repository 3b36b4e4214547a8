package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What merged segments were made from, for as long as it is there: it says the same, and is read in their place where they
 * are damaged. Which segments these were is looked up when it is first needed, by following the chain once more from before the
 * oldest merge of which nothing was removed yet. Thread-safe.
 */
final class MergeSources {
    private final ArchiveObjects objects;
    private final ArchiveKeys keys;
    private final List<History.Retired> retired;
    private final DamageListener listener;
    /** Of segments that stand in for one that is damaged: the damage of that one. */
    private final Map<Entry.Segment, ReinstateException> standIns = new ConcurrentHashMap<>();

    private @Nullable Map<String, List<Entry.Segment>> runs;

    /** @param listener told of what stands in for what */
    MergeSources(ArchiveObjects objects, ArchiveKeys keys, History history, DamageListener listener) {
        this.objects = objects;
        this.keys = keys;
        this.retired = history.retired();
        this.listener = listener;
    }

    /** The segments that it was merged from, oldest first; none if it was not, or if they are not all there any more. */
    List<Entry.Segment> of(Entry.Segment segment) {
        List<Entry.Segment> found = new ArrayList<>();
        for (Entry.Segment source : runs().getOrDefault(segment.object().key(), List.of())) {
            List<Entry.Segment> there = objects.size(source.object().key()).isPresent() ? List.of(source) : of(source);
            if (there.isEmpty()) {
                return List.of();
            }
            found.addAll(there);
        }
        return found;
    }

    /**
     * What is to be read instead of a segment that is damaged, which is said. If there is nothing, throws the damage: of a
     * segment that stands in for another, that of the other as well. {@code UNAVAILABLE} if the newest state has something
     * else in its place.
     */
    List<Entry.Segment> insteadOf(Entry.Segment segment, ReinstateException damage) {
        ChainCheck.requireDamage(damage);
        List<Entry.Segment> sources = of(segment);
        ReinstateException first = standIns.get(segment);
        if (sources.isEmpty()) {
            throw first == null ? objects.unreadable(segment.object().key(), damage) : both(first, damage);
        }
        sources.forEach(source -> standIns.putIfAbsent(source, first == null ? damage : first));
        listener.workedAround(new DamageListener.Workaround(
                damage.what() + ": " + damage.why(),
                "used instead: the " + sources.size()
                        + " segments that it was merged from, which say the same; put the "
                        + "damaged object back from a copy"));
        return sources;
    }

    /**
     * What is read of a segment, or, where it is damaged, of those that it was merged from, in their order.
     *
     * @param read may have been called before for the same segments, and have failed
     */
    <T> List<T> read(Entry.Segment segment, Function<Entry.Segment, T> read) {
        try {
            return List.of(read.apply(segment));
        } catch (ReinstateException e) {
            List<T> found = new ArrayList<>();
            insteadOf(segment, e).forEach(source -> found.addAll(read(source, read)));
            return found;
        }
    }

    /** The first damage, when what came instead cannot be read either. */
    static ReinstateException both(ReinstateException first, ReinstateException other) {
        if (other.kind() != FailureKind.DAMAGED) {
            return other;
        }
        return new ReinstateException(
                first.kind(),
                first.what(),
                first.why(),
                first.next(),
                List.of("what could serve instead cannot be read either: " + other.what() + ": " + other.why()),
                other);
    }

    private synchronized Map<String, List<Entry.Segment>> runs() {
        if (runs == null) {
            runs = retired.isEmpty() ? Map.of() : follow();
        }
        return runs;
    }

    private Map<String, List<Entry.Segment>> follow() {
        Map<String, List<Entry.Segment>> found = new HashMap<>();
        long oldest = retired.getFirst().manifest();
        long newest = retired.getLast().manifest();
        try {
            Optional<Chain> before = before(oldest);
            while (before.isPresent()
                    && before.get().number() < newest
                    && before.get().step()) {
                before.get()
                        .builder()
                        .merge()
                        .ifPresent(merge -> found.put(merge.into().object().key(), merge.run()));
            }
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e); // those up to there are known
        }
        return found;
    }

    /** The chain as of some manifest before that one. */
    private Optional<Chain> before(long manifest) {
        Optional<Chain> state = Stream.concat(Chain.checkpointKeys(objects).stream(), Chain.baseKeys(objects).stream())
                .filter(key -> Keys.numberOf(key).orElse(manifest) < manifest)
                .sorted(Comparator.comparingLong(
                                (String key) -> Keys.numberOf(key).orElse(0))
                        .reversed())
                .flatMap(key -> Chain.atState(objects, keys, key).stream())
                .findFirst();
        boolean isWhole = objects.size(Keys.manifest(2)).isPresent();
        return state.isPresent() || !isWhole ? state : Optional.of(Chain.openAtBeginning(objects, keys));
    }
}
