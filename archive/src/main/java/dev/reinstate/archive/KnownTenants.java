package dev.reinstate.archive;

import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Past;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whom the archive knows. The objects' indexes are asked first, newest first: who has records in an image that history begins
 * with, or in a segment since, is one whom {@link TenantOverview} names. Only if that does not show everybody is all of it
 * added up. Each object is read once, however many are asked for.
 */
final class KnownTenants {
    private final Snapshot snapshot;
    private final DamageListener damage;
    private final Map<Token, Lsn> erasedTo;
    private final Map<Token, TenantId> unseen = new LinkedHashMap<>();

    KnownTenants(Snapshot snapshot, DamageListener damage) {
        this.snapshot = snapshot;
        this.damage = damage;
        this.erasedTo = snapshot.erasedTo();
    }

    /**
     * Those whom the archive does not know, in their order. {@code DAMAGED} if something that may name one of them cannot be
     * read.
     */
    List<TenantId> unknown(Collection<TenantId> wanted) {
        wanted.forEach(tenant -> unseen.put(snapshot.token(Partition.of(tenant)), tenant));
        lookIntoImages();
        lookIntoSegments();
        if (!unseen.isEmpty()) {
            Set<TenantId> known = new TenantOverview(snapshot, damage)
                    .read().stream().map(ArchiveReader.TenantSummary::tenant).collect(Collectors.toSet());
            unseen.values().removeIf(known::contains);
            requireReadable();
        }
        return List.copyOf(unseen.values());
    }

    private void lookIntoImages() {
        History history = snapshot.history();
        Set<Lsn> begins = new HashSet<>();
        history.ranges().forEach(range -> begins.add(range.from()));
        for (Entry.Image image : history.images().reversed()) {
            if (begins.contains(image.position())) {
                image.parts().stream()
                        .filter(this::mayHoldUnseen)
                        .forEach(part ->
                                see(image.position(), () -> snapshot.objects().tail(part)));
            }
        }
    }

    private void lookIntoSegments() {
        Lsn kept = snapshot.history().past().map(Past::from).orElse(Lsn.ZERO);
        List<Entry.Segment> segments = snapshot.catalog().all(snapshot.history()).reversed().stream()
                .filter(segment -> !segment.commits().first().isBefore(kept))
                .toList();
        try (ReadAhead<Entry.Segment, ObjectTail> tails =
                new ReadAhead<>(snapshot.objects().readAhead(), segments, snapshot.objects()::tail)) {
            for (int i = 0; i < segments.size() && !unseen.isEmpty(); i++) {
                see(segments.get(i).to(), tails::next);
            }
        }
    }

    private boolean mayHoldUnseen(Entry.Part part) {
        return unseen.keySet().stream().anyMatch(part::mayHold);
    }

    /** Of what an object up to there has of somebody, what was erased does not count; damage shows nobody. */
    private void see(Lsn to, Supplier<ObjectTail> object) {
        try {
            ObjectTail tail = object.get();
            unseen.keySet()
                    .removeIf(token -> to.isAfter(erasedTo.getOrDefault(token, Lsn.ZERO))
                            && tail.index().find(token).blockCount() > 0);
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
        }
    }

    /** Of those who were erased nothing can be read, on purpose. */
    private void requireReadable() {
        if (erasedTo.keySet().containsAll(unseen.keySet())) {
            return;
        }
        Snapshot whole = snapshot.withPast();
        History history = whole.history();
        Stream.concat(
                        history.images().stream().flatMap(image -> image.parts().stream()),
                        history.tableImages().stream().flatMap(image -> image.parts().stream()))
                .filter(this::mayHoldUnseen)
                .forEach(whole.objects()::tail);
        whole.catalog().all(history).forEach(whole.objects()::tail);
    }
}
