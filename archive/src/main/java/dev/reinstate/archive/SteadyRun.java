package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Segments that are read side by side and whole; of those that turn out to be damaged, those that they were merged from.
 * Nothing is read twice as long as nothing is damaged. Not thread-safe.
 */
final class SteadyRun {
    private final ArchiveObjects objects;
    private final MergeSources sources;
    private final int most;
    private final Set<Entry.Segment> damaged = new HashSet<>();
    private List<Entry.Segment> segments;

    /**
     * @param segments oldest first
     * @param most so many may be read side by side
     */
    SteadyRun(ArchiveObjects objects, MergeSources sources, List<Entry.Segment> segments, int most) {
        this.objects = objects;
        this.sources = sources;
        this.segments = segments;
        this.most = most;
    }

    /** Whether it turned out to be damaged. */
    boolean isDamaged(Entry.Segment segment) {
        return damaged.contains(segment);
    }

    /**
     * Reads them, oldest first; again, with what stands in for those that are damaged, which is said, when that fails. Throws
     * the damage if nothing stands in for one, or if all are what was written.
     *
     * @param isCurrent asked after a failure: whether they are still to be read
     * @return empty if they are not
     */
    <T> Optional<T> read(Function<List<Entry.Segment>, T> read, BooleanSupplier isCurrent) {
        while (true) {
            try {
                return Optional.of(read.apply(segments));
            } catch (ReinstateException e) {
                ChainCheck.requireDamage(e);
                if (!isCurrent.getAsBoolean()) {
                    return Optional.empty();
                }
                segments = mended(e);
            }
        }
    }

    /** Reads every byte of them. */
    private List<Entry.Segment> mended(ReinstateException failure) {
        List<Entry.Segment> mended = new ArrayList<>();
        Optional<ReinstateException> hopeless = Optional.empty();
        for (Entry.Segment segment : segments) {
            Optional<ReinstateException> damage = objects.damageOf(segment.object());
            if (damage.isEmpty()) {
                mended.add(segment);
                continue;
            }
            damaged.add(segment);
            try {
                mended.addAll(sources.insteadOf(segment, damage.get()));
            } catch (ReinstateException e) {
                hopeless = hopeless.or(() -> Optional.of(e));
            }
        }
        if (hopeless.isPresent()) {
            throw hopeless.get();
        }
        if (mended.equals(segments)) {
            throw failure;
        }
        if (mended.size() > most) {
            throw failure.withDetails(List.of("with what stands in for those that are damaged they are " + mended.size()
                    + " segments, and " + most + " can be read side by side"));
        }
        return mended;
    }
}
