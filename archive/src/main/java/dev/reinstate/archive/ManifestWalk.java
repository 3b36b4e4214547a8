package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.archive.manifest.NamedObject;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checks parts of a chain that was opened already, without reading all of it: each manifest, its place, and that the one
 * after it was written after just that one (INV-1, 2).
 */
final class ManifestWalk {
    /** Manifests that are checked at once. */
    private static final int RUN = 128;

    private final ArchiveObjects objects;
    private final Chain chain;
    private final Findings findings;
    private final long first;
    private long read;

    ManifestWalk(ArchiveObjects objects, Chain chain, Findings findings) {
        this(objects, chain, findings, chain.history().trail().first());
    }

    /** @param first the first manifest to look at */
    ManifestWalk(ArchiveObjects objects, Chain chain, Findings findings, long first) {
        this.objects = objects;
        this.chain = chain;
        this.findings = findings;
        this.first = first;
    }

    /**
     * What a stretch of the chain at its end says.
     *
     * @param named keys of the objects named
     * @param from how far history was durable before it
     */
    record Since(Set<String> named, Lsn from) {}

    /** Back from the end to the first manifest that was there by then. */
    Since back(CheckScope scope) {
        Set<String> named = new HashSet<>();
        String expected = chain.sha256();
        for (long number = chain.number(); number >= first; number--) {
            Optional<Manifest> found = manifest(number, Optional.of(expected));
            if (found.isEmpty()) {
                return new Since(named, Lsn.ZERO); // what lies before is not known: nothing is left out
            }
            Manifest manifest = found.get();
            if (isThereBy(manifest, scope)) {
                return new Since(named, durableAt(number).orElse(Lsn.ZERO));
            }
            NamedObject.of(manifest.entry()).forEach(object -> named.add(object.key()));
            expected = manifest.previous();
        }
        if (first > 1) {
            named.addAll(NamedNow.of(objects, chain)); // what named them is not kept any more
        }
        return new Since(named, Lsn.ZERO);
    }

    private static boolean isThereBy(Manifest manifest, CheckScope scope) {
        return switch (scope) {
            case CheckScope.SinceTime since -> manifest.written().isBefore(since.time());
            case CheckScope.SincePosition since ->
                reaches(manifest.entry())
                        .filter(to -> !to.isAfter(since.position()))
                        .isPresent();
            case CheckScope.Everything everything -> false;
            case CheckScope.Sample sample -> false;
        };
    }

    /** Up to where history was durable with a manifest: it, or the nearest before it, says so. */
    private Optional<Lsn> durableAt(long last) {
        for (long number = last; number >= first; number--) {
            Optional<Lsn> reaches = manifest(number, Optional.empty()).flatMap(found -> reaches(found.entry()));
            if (reaches.isPresent()) {
                return reaches;
            }
        }
        return Optional.empty();
    }

    private static Optional<Lsn> reaches(Entry entry) {
        return switch (entry) {
            case Entry.Image image -> Optional.of(image.position());
            case Entry.TableImage image -> Optional.of(image.durableTo());
            case Entry.Segment segment -> Optional.of(segment.to());
            case Entry.Position position -> Optional.of(position.to());
            case Entry.Gap gap -> Optional.of(gap.from());
            default -> Optional.empty();
        };
    }

    /** Runs of manifests, each of which is checked by itself, with the one before it. */
    List<CheckUnit> runs() {
        List<CheckUnit> runs = new ArrayList<>();
        for (long next = first; next <= chain.number(); next += RUN) {
            long from = next;
            runs.add(new CheckUnit(CheckUnit.Kind.OTHER, "manifests from " + from, 0, () -> checkRun(from)));
        }
        return runs;
    }

    /** That the chain's manifests from the first that is kept to that one are there, and follow one another. */
    void checkTo(long last, String sha256) {
        Optional<String> expected = Optional.of(sha256);
        for (long number = last; number >= first; number--) {
            expected = manifest(number, expected).map(Manifest::previous);
        }
    }

    private void checkRun(long from) {
        long last = Math.min(chain.number(), from + RUN - 1);
        Optional<String> expected = last == chain.number() ? Optional.of(chain.sha256()) : Optional.empty();
        for (long number = last; number >= Math.max(first, from - 1); number--) {
            expected = manifest(number, expected).map(Manifest::previous);
        }
    }

    /** Empty where it is damaged, which is noted: what follows in the chain was read, so that it costs no moment. */
    private Optional<Manifest> manifest(long number, Optional<String> expected) {
        String key = Keys.manifest(number);
        try {
            byte[] bytes = objects.get(key);
            read++;
            if (expected.isPresent() && !Checksum.sha256Hex(bytes).equals(expected.get())) {
                throw Damage.of("INV-2", "Object " + key, "the manifest after it was written after another one");
            }
            Manifest manifest = ManifestJson.read(key, bytes, chain.keys().documents());
            if (manifest.number() != number) {
                throw Damage.of("INV-1", "Object " + key, "it says that it is number " + manifest.number());
            }
            return Optional.of(manifest);
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            findings.damage(key, e, List.of(), CheckReport.Moments.NONE);
            return Optional.empty();
        }
    }

    /** Manifests read so far. */
    long read() {
        return read;
    }
}
