package dev.reinstate.archive;

import dev.reinstate.archive.format.Directory;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.format.TokenKey;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who is in an archive, as the directories of its objects name them. Not thread-safe. */
final class PartitionNames {
    private final ObjectReader reader;
    private final Map<Token, Known> known = new LinkedHashMap<>();
    private final Set<String> read = new HashSet<>();

    private record Known(Partition partition, Lsn last) {}

    PartitionNames(ObjectReader reader, TokenKey tokenKey) {
        this.reader = reader;
        for (Partition partition : List.of(Partition.SHARED, Partition.UNATTRIBUTED)) {
            known.put(tokenKey.tokenOf(partition), new Known(partition, Lsn.ZERO));
        }
    }

    /** Takes over what a directory names. */
    void learn(String object, Directory directory) {
        if (!read.add(object)) {
            return;
        }
        for (Directory.Entry entry : directory.entries()) {
            if (!(entry.partition() instanceof Partition.StoreEvents)) {
                Known met = new Known(entry.partition(), new Lsn(entry.lastLsn()));
                known.merge(entry.token(), met, (old, added) -> added.last.isAfter(old.last) ? added : old);
            }
        }
    }

    /** As {@link #learnAll}, only of what the newest moment is made of. */
    void learnNewest(History history, List<Entry.Segment> segments) {
        if (history.images().isEmpty()) {
            return;
        }
        Entry.Image newest = history.images().getLast();
        newest.parts().forEach(part -> learn(part.object(), () -> reader.tail(part)));
        segments.stream()
                .filter(segment -> !segment.commits().last().isBefore(newest.position()))
                .forEach(segment -> learn(segment.object(), () -> reader.tail(segment)));
    }

    /** Reads the directories that were not read yet; one that is damaged names nobody. */
    void learnAll(History history, List<Entry.Segment> segments) {
        history.images().forEach(image -> image.parts().forEach(part -> learn(part.object(), () -> reader.tail(part))));
        history.tableImages()
                .forEach(image -> image.parts().forEach(part -> learn(part.object(), () -> reader.tail(part))));
        segments.forEach(segment -> learn(segment.object(), () -> reader.tail(segment)));
    }

    private void learn(StoredObject object, Supplier<ObjectTail> tail) {
        if (read.contains(object.key())) {
            return;
        }
        try {
            learn(object.key(), reader.directory(object, tail.get()));
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.DAMAGED) {
                throw e;
            }
        }
    }

    Collection<Token> tokens() {
        return known.keySet();
    }

    Optional<Partition> partition(Token token) {
        return Optional.ofNullable(known.get(token)).map(Known::partition);
    }

    /** Whether nothing of the partition is newer than its erasure. */
    boolean isErased(Token token, History history) {
        @Nullable Known found = known.get(token);
        return history.erasures().stream()
                .filter(erasure -> erasure.step() == Entry.ErasureStep.EXECUTED
                        && erasure.tenant().equals(token))
                .anyMatch(erasure -> found == null || found.last.isBefore(erasure.durableTo()));
    }

    /** For people; of one that no readable object names, its token. */
    String name(Token token) {
        return switch (partition(token).orElse(Partition.STORE_EVENTS)) {
            case Partition.OfTenant tenant -> tenant.tenant().value();
            case Partition.Shared shared -> "(shared rows)";
            case Partition.Unattributed unattributed -> "(unattributed rows)";
            case Partition.StoreEvents unknown -> "(unknown, token " + token + ")";
        };
    }
}
