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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Whom the archive knows. The objects' indexes are asked first: who has records in an image that history begins with, or in a
 * segment since, is one whom {@link TenantOverview} names. Only if that does not show everybody is all of it added up.
 */
final class KnownTenants {
    private final Snapshot snapshot;
    private final DamageListener damage;

    KnownTenants(Snapshot snapshot, DamageListener damage) {
        this.snapshot = snapshot;
        this.damage = damage;
    }

    /** Those whom the archive does not know, in their order. */
    List<TenantId> unknown(List<TenantId> wanted) {
        List<TenantId> unseen =
                wanted.stream().filter(tenant -> !isSeen(tenant)).toList();
        if (unseen.isEmpty()) {
            return List.of();
        }
        Set<TenantId> known = new TenantOverview(snapshot, damage)
                .read().stream().map(ArchiveReader.TenantSummary::tenant).collect(Collectors.toSet());
        return unseen.stream().filter(tenant -> !known.contains(tenant)).toList();
    }

    private boolean isSeen(TenantId tenant) {
        Token token = snapshot.token(Partition.of(tenant));
        Optional<Lsn> erasedTo = snapshot.erasureOf(token).map(Entry.Erasure::durableTo);
        return isInImage(token, erasedTo) || isInSegment(token, erasedTo);
    }

    private boolean isInImage(Token token, Optional<Lsn> erasedTo) {
        History history = snapshot.history();
        Set<Lsn> begins = new HashSet<>();
        history.ranges().forEach(range -> begins.add(range.from()));
        return history.images().reversed().stream()
                .filter(image -> begins.contains(image.position()))
                .filter(image -> erasedTo.isEmpty() || image.position().isAfter(erasedTo.get()))
                .flatMap(image -> image.parts().stream())
                .filter(part -> part.mayHold(token))
                .anyMatch(part -> has(token, () -> snapshot.objects().tail(part)));
    }

    private boolean isInSegment(Token token, Optional<Lsn> erasedTo) {
        Lsn kept = snapshot.history().past().map(Past::from).orElse(Lsn.ZERO);
        return snapshot.catalog().all(snapshot.history()).reversed().stream()
                .filter(segment -> !segment.commits().first().isBefore(kept))
                .filter(segment -> erasedTo.isEmpty() || segment.to().isAfter(erasedTo.get()))
                .anyMatch(segment -> has(token, () -> snapshot.objects().tail(segment)));
    }

    /** Damage shows nobody; it is told of when all is added up. */
    private static boolean has(Token token, Supplier<ObjectTail> tail) {
        try {
            return tail.get().index().find(token).blockCount() > 0;
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            return false;
        }
    }
}
