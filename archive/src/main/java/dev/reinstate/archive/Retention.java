package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets go of what is before the window, one manifest a step; the objects are removed later ({@link ReplacedRemoval}).
 * Killed anywhere, it has let go or not. Not thread-safe.
 */
final class Retention {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;
    private final SegmentCatalog catalog;
    private final ObjectReader reader;
    private final HeldContent content;

    Retention(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
        this.catalog = new SegmentCatalog(objects, log.chain().keys().documents());
        this.reader = new ObjectReader(objects, log.chain().keys().objects());
        this.content = new HeldContent(reader, log.chain().keys());
    }

    /** What would go now; empty if nothing. */
    Optional<ArchiveMaintenance.LetGo> look(RetentionPolicy policy) {
        log.settle();
        log.chain().follow();
        History history = log.chain().history();
        return plan(history, policy).map(plan -> view(history, plan));
    }

    /** Lets go of as much as one manifest can name; empty if there is nothing. */
    Optional<ArchiveMaintenance.LetGo> letGo(RetentionPolicy policy) {
        List<ArchiveMaintenance.LetGo> views = new ArrayList<>();
        Optional<Entry.Retention> published = log.append(history -> {
            Optional<RetentionPlan> plan = plan(history, policy);
            views.clear();
            plan.ifPresent(found -> views.add(view(history, found)));
            return plan.map(found -> found.entry(settings.clock().instant()));
        });
        return published.map(entry -> views.getFirst());
    }

    private Optional<RetentionPlan> plan(History history, RetentionPolicy policy) {
        if (history.ranges().isEmpty()) {
            return Optional.empty();
        }
        History expanded = history.repaged(List.of(), catalog.all(history));
        return RetentionPlan.of(expanded, window(history, policy), content);
    }

    /** A clock that is ahead must not make the window shorter than what was captured. */
    private RetentionPlan.Window window(History history, RetentionPolicy policy) {
        Instant now = settings.clock().instant();
        Instant newest =
                history.durable().time().filter(time -> time.isBefore(now)).orElse(now);
        Instant begin = newest.minus(policy.window());
        Optional<History.Stretch> range = history.ranges().reversed().stream()
                .filter(known -> !begin.isBefore(known.fromTime()))
                .findFirst();
        Lsn last = range.map(known -> positionAt(history, known, begin)).orElse(Lsn.ZERO);
        return new RetentionPlan.Window(last, begin, policy.minimumImages());
    }

    private Lsn positionAt(History history, History.Stretch range, Instant time) {
        if (time.isAfter(range.toTime())) {
            return range.to().previous(); // in a gap after it
        }
        return new Times(new Snapshot(
                        log.chain().number(),
                        history,
                        log.chain().keys(),
                        catalog,
                        reader,
                        new MergeSources(objects, log.chain().keys(), history, settings.damage())))
                .positionAt(time);
    }

    private static ArchiveMaintenance.LetGo view(History history, RetentionPlan plan) {
        Lsn from = plan.image().position();
        return new ArchiveMaintenance.LetGo(
                from,
                plan.image().time(),
                history.ranges().stream()
                        .filter(range -> range.from().isBefore(from))
                        .map(range -> range.to().isAfter(from)
                                ? new ArchiveState.Range(
                                        range.from(),
                                        range.fromTime(),
                                        from,
                                        plan.image().time())
                                : StateView.range(range))
                        .toList(),
                plan.removes().size(),
                sizeOf(plan.removes()),
                plan.keptForHolds().size(),
                sizeOf(plan.keptForHolds()));
    }

    private static long sizeOf(List<StoredObject> objects) {
        return objects.stream().mapToLong(StoredObject::sizeBytes).sum();
    }
}
