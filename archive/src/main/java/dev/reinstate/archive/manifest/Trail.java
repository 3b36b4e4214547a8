package dev.reinstate.archive.manifest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the chain of manifests can be begun (INV-41).
 *
 * @param first manifests before this one, but for the first of all, are not needed any more and may be gone; 1 as long as all are kept
 * @param since when the last of them was let go of
 * @param bases states that the chain can be begun with, oldest first; unless {@code first} is 1, the oldest is of that manifest
 */
public record Trail(long first, Instant since, List<Entry.Base> bases) {
    /** Of a chain that can only be begun with its first manifest. */
    public static final Trail WHOLE = new Trail(1, Instant.EPOCH, List.of());

    public Trail {
        bases = List.copyOf(bases);
    }

    /** Of which manifest the newest base is; 0 if there is none. */
    public long newest() {
        return bases.isEmpty() ? 0 : bases.getLast().number();
    }

    public Optional<Entry.Base> baseAt(long number) {
        return bases.stream().filter(base -> base.number() == number).findFirst();
    }

    /** With one more base, and without those before its {@code first}. */
    Trail with(Entry.Base base) {
        List<Entry.Base> kept = new ArrayList<>(bases);
        kept.add(base);
        kept.removeIf(known -> known.number() < base.first());
        return new Trail(base.first(), base.first() == first ? since : base.time(), kept);
    }
}
