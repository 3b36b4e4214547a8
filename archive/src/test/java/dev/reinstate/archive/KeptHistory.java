package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** An archive, what was ever in it, and what of it must still be there: told by the entries' numbers, not by the archive. */
final class KeptHistory {
    final ObjectStore objects;
    final ArchiveSettings settings;
    final RandomHistory history;
    final List<RandomHistory.Transaction> all = new ArrayList<>();
    int cuts;

    private final long seed;
    private final Set<TenantId> inForce = new HashSet<>();
    private final Map<TenantId, Lsn> heldFrom = new HashMap<>();
    private final Set<Partition> erased = new HashSet<>();
    private Lsn keptFrom;

    KeptHistory(Path directory, long seed, ObjectStore objects) {
        this.seed = seed;
        this.objects = objects;
        settings = ArchiveFixture.settings(directory, 1 << 20, seed, seed % 2 == 0);
        history = new RandomHistory(seed, 5, 40);
        ArchiveFixture.create(objects, settings);
        history.fill(40);
        keptFrom = history.lsn();
    }

    /** With so many images, and segments after each, and nothing let go. */
    static KeptHistory withImages(Path directory, long seed, int images) {
        return withImages(directory, seed, images, new MemoryObjectStore());
    }

    static KeptHistory withImages(Path directory, long seed, int images, ObjectStore objects) {
        KeptHistory made = new KeptHistory(directory, seed, objects);
        try (ArchiveWriter writer = Archive.openWriter(made.objects, made.settings)) {
            for (int image = 0; image < images; image++) {
                ArchiveFixture.publishImage(writer, made.history);
                for (int i = 0; i < 4; i++) {
                    made.all.addAll(ArchiveFixture.publishSegment(writer, made.history, 2));
                }
            }
        }
        return made;
    }

    /** Does one thing, or nothing. */
    void maintain(ArchiveWriter writer, ArchiveMaintenance maintenance) {
        TenantId tenant = new TenantId("site-" + history.random.nextInt(3));
        switch (history.random.nextInt(12)) {
            case 0, 1, 2 -> maintenance.compactOnce();
            case 3, 4 -> maintenance.makeImage(true);
            case 5, 6 ->
                letGo(
                        maintenance,
                        new RetentionPolicy(
                                Duration.ofMillis(history.random.nextInt(4000)), 1 + history.random.nextInt(2)));
            case 7 -> maintenance.removeReplaced(Duration.ZERO);
            case 8 -> {
                if (!inForce.contains(tenant)) {
                    hold(maintenance, tenant);
                }
            }
            case 9 -> {
                if (inForce.contains(tenant)) {
                    release(maintenance, tenant);
                }
            }
            case 10 -> erase(writer, maintenance);
            case 11 -> maintenance.shortenChain(new RetentionPolicy(Duration.ZERO, 1));
            default -> {}
        }
    }

    void hold(ArchiveMaintenance maintenance, TenantId tenant) {
        maintenance.placeHold(tenant, "a court");
        inForce.add(tenant);
    }

    void release(ArchiveMaintenance maintenance, TenantId tenant) {
        maintenance.releaseHold(tenant, "no court");
        inForce.remove(tenant);
    }

    void releaseAll(ArchiveMaintenance maintenance) {
        List.copyOf(inForce).forEach(tenant -> release(maintenance, tenant));
    }

    /** One that is never held, once its last row is gone. */
    private void erase(ArchiveWriter writer, ArchiveMaintenance maintenance) {
        TenantId tenant = new TenantId("site-4");
        Partition last = Partition.of(tenant);
        if (seed % 4 == 0 && erased.isEmpty()) {
            RandomHistory.Transaction cleared = history.clear(last);
            ArchiveFixture.publish(writer, List.of(cleared));
            all.add(cleared);
            maintenance.scheduleErasure(tenant, settings.clock().instant(), "asked");
            maintenance.executeErasure(tenant);
            erased.add(last);
            history.partitions.remove(last);
            history.rows.remove(last);
        }
    }

    /** Lets go, and compares what that is with what was promised. */
    Optional<ArchiveMaintenance.LetGo> letGo(ArchiveMaintenance maintenance, RetentionPolicy policy) {
        ArchiveReader before = Archive.openReader(objects, settings);
        Instant begin = before.state().durableTime().orElseThrow().minus(policy.window());
        Optional<ArchiveMaintenance.LetGo> gone = maintenance.letGo(policy);
        gone.ifPresent(found -> {
            requireWindow(found.from(), begin);
            assertThat(imagesFrom(before, found.from()))
                    .as("images kept, seed %d", seed)
                    .isGreaterThanOrEqualTo(policy.minimumImages());
            cut(found.from());
        });
        return gone;
    }

    /** Every moment at or after the begin is still there: the last commit such that none before it is later. */
    private void requireWindow(Lsn from, Instant begin) {
        for (RandomHistory.Transaction transaction : all) {
            if (transaction.commit().time().isAfter(begin)) {
                assertThat(from)
                        .as("window from %s, seed %d", begin, seed)
                        .isLessThanOrEqualTo(transaction.commit().commitLsn());
                return;
            }
        }
    }

    private static long imagesFrom(ArchiveReader reader, Lsn from) {
        ArchiveState state = reader.state();
        return state.images().stream()
                        .filter(image -> !image.position().isBefore(from))
                        .count()
                + state.syntheticImages().stream()
                        .filter(image -> !image.position().isBefore(from))
                        .count();
    }

    private void cut(Lsn from) {
        cuts += from.equals(keptFrom) ? 0 : 1;
        Map<TenantId, Lsn> held = new HashMap<>();
        inForce.forEach(tenant -> held.put(tenant, heldFrom.getOrDefault(tenant, keptFrom)));
        heldFrom.clear();
        heldFrom.putAll(held);
        keptFrom = from;
    }

    /** For whoever does not know whether it was let go. */
    void learnCut() {
        Archive.openReader(objects, settings).retention().cut().ifPresent(found -> {
            if (!found.from().equals(keptFrom)) {
                cut(found.from());
            }
        });
    }

    /** Every moment that must be there, of whom it must be there; and that the others are refused. */
    void verify(ArchiveReader reader) {
        ArchiveFixture.verifyUnknown(reader);
        Lsn end = reader.state().durableTo();
        Optional<Lsn> sharedFrom = heldFrom.values().stream().min(Lsn::compareTo);
        for (RandomHistory.Transaction transaction : all) {
            Lsn position = transaction.commit().commitLsn();
            if (!position.isBefore(end)) {
                return;
            }
            transaction.after().forEach((partition, rows) -> {
                Optional<Lsn> from = partition instanceof Partition.OfTenant tenant
                        ? Optional.ofNullable(heldFrom.get(tenant.tenant()))
                        : partition.equals(Partition.SHARED) ? sharedFrom : Optional.empty();
                if (erased.contains(partition)) {
                    return;
                }
                if (!position.isBefore(from.orElse(keptFrom).previous())) {
                    assertThat(ArchiveFixture.fold(reader, partition, position))
                            .as("fold of %s at %s, seed %d", partition, position, seed)
                            .isEqualTo(rows);
                    if (position.value() % 3 == 0) {
                        requireContent(reader, partition, position, rows.size());
                    }
                } else if (position.value() % 3 == 0) {
                    requireRefused(reader, partition, position);
                }
            });
        }
    }

    private void requireContent(ArchiveReader reader, Partition partition, Lsn position, int rows) {
        assertThat(reader.content(partition, position).tables().stream()
                        .mapToLong(ArchiveReader.Content.Table::rows)
                        .sum())
                .as("content of %s at %s, seed %d", partition, position, seed)
                .isEqualTo(rows);
    }

    private void requireRefused(ArchiveReader reader, Partition partition, Lsn position) {
        for (ThrowingCallable reading : List.<ThrowingCallable>of(
                () -> ArchiveFixture.fold(reader, partition, position), () -> reader.content(partition, position))) {
            assertThatThrownBy(reading)
                    .as("fold of %s at %s, seed %d", partition, position, seed)
                    .isInstanceOfSatisfying(ReinstateException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
                        assertThat(e.why()).contains("no longer kept");
                    });
        }
    }

    void requireSound() {
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.findings())
                .as("seed %d", seed)
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.invariant().equals("INV-17"));
    }

    /** The state read from the chain is the one of the checkpoints. */
    void requireSameFromTheFirstManifest() {
        ArchiveReader reader = Archive.openReader(objects, settings);
        ArchiveState state = reader.state();
        RetentionState retention = reader.retention();
        objects.list(Keys.CHECKPOINTS, "", 1000).forEach(checkpoint -> objects.delete(checkpoint.key()));
        ArchiveReader fresh = Archive.openReader(objects, settings);
        assertThat(fresh.state()).isEqualTo(state);
        assertThat(fresh.retention()).isEqualTo(retention);
        verify(fresh);
    }

    /** Keys of everything that retention could remove. */
    List<String> keys() {
        List<String> keys = new ArrayList<>();
        for (String prefix : List.of(Keys.SEGMENTS, Keys.IMAGES, Keys.TABLE_IMAGES)) {
            objects.list(prefix, "", 10_000).stream()
                    .map(ObjectStore.ObjectSummary::key)
                    .forEach(keys::add);
        }
        return keys;
    }

    /** Of those, what the check calls leftovers. */
    List<String> unnamed() {
        return Archive.check(objects, settings, false, CheckListener.SILENT).findings().stream()
                .map(finding -> Objects.requireNonNull(finding.object()))
                .toList();
    }
}
