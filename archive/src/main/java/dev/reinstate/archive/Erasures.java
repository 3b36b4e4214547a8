package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Erases tenants by destroying their data keys: first the entry that says so is durable, from which on no reader looks
 * at what is under the key; then the key is deleted. Not thread-safe.
 */
final class Erasures {
    private final ArchiveObjects objects;
    private final ArchiveSettings settings;
    private final ManifestLog log;

    Erasures(ArchiveObjects objects, ArchiveSettings settings, ManifestLog log) {
        this.objects = objects;
        this.settings = settings;
        this.log = log;
    }

    void schedule(TenantId tenant, Instant due, String reason) {
        requireEncrypted();
        Token token = tokenOf(tenant);
        log.append(history -> {
            scheduled(history, token).ifPresent(known -> {
                throw ReinstateException.conflict(
                        "The erasure of " + tenant + " is scheduled already",
                        "since " + known.time() + ", due " + known.due() + ": " + known.reason(),
                        "leave it so; or cancel it and schedule it anew");
            });
            return Optional.of(step(history, token, Entry.ErasureStep.SCHEDULED, due, reason));
        });
    }

    void cancel(TenantId tenant, String reason) {
        Token token = tokenOf(tenant);
        log.append(history -> {
            Entry.Erasure known = scheduled(history, token).orElseThrow(() -> notScheduled(tenant));
            return Optional.of(step(history, token, Entry.ErasureStep.CANCELLED, known.due(), reason));
        });
    }

    /** @param byClockAlone whether this machine's clock is to be believed where the archive's times lag behind it */
    void execute(TenantId tenant, boolean byClockAlone) {
        PartitionKeys keys = requireEncrypted();
        Token token = tokenOf(tenant);
        log.append(history -> {
            Optional<Entry.Erasure> known = scheduled(history, token);
            if (known.isEmpty() && history.generationOf(token) > 0) {
                return Optional.<Entry.Erasure>empty(); // interrupted between the entry and the key's end
            }
            Entry.Erasure due = known.orElseThrow(() -> notScheduled(tenant));
            requireMay(history, tenant, due, byClockAlone);
            return Optional.of(step(history, token, Entry.ErasureStep.EXECUTED, due.due(), due.reason()));
        });
        keys.destroyErased(token);
    }

    private void requireMay(History history, TenantId tenant, Entry.Erasure erasure, boolean byClockAlone) {
        history.holds().stream()
                .filter(hold -> hold.tenant().equals(erasure.tenant()))
                .findFirst()
                .ifPresent(hold -> {
                    throw ReinstateException.refused(
                            "Tenant " + tenant + " is held",
                            "since " + hold.time() + ": " + hold.reason(),
                            "nothing of it may be removed before the hold is released with `reinstate hold`");
                });
        if (settings.clock().instant().isBefore(erasure.due())) {
            throw ReinstateException.refused(
                    "The erasure of " + tenant + " is not due yet",
                    "it is due " + erasure.due() + ", and can be cancelled until it is executed",
                    "run it again then");
        }
        if (!byClockAlone && SureTime.of(history, settings.clock()).isBefore(erasure.due())) {
            throw ReinstateException.refused(
                    "The erasure of " + tenant + " may not be due yet",
                    "it is due " + erasure.due()
                            + "; this machine's clock says that it is later, and the newest time in the"
                            + " archive is "
                            + history.durable().time().map(Instant::toString).orElse("none"),
                    "look at this machine's clock. Is it right, and nothing was captured for long: execute it with"
                            + " --by-clock-alone");
        }
        SortedMap<TableName, Long> left = rowsLeft(history, tenant);
        if (!left.isEmpty()) {
            throw ReinstateException.refused(
                            "Tenant " + tenant + " has rows",
                            "at the end of history they are not gone, and what lives is captured again",
                            "delete them in the database first; when that is captured, run this again")
                    .withDetails(left.entrySet().stream()
                            .map(table -> table.getKey() + ": " + table.getValue())
                            .toList());
        }
    }

    private SortedMap<TableName, Long> rowsLeft(History history, TenantId tenant) {
        SortedMap<TableName, Long> left = new TreeMap<>();
        if (history.ranges().isEmpty()) {
            return left;
        }
        ArchiveKeys keys = log.chain().keys();
        Snapshot snapshot = new Snapshot(
                log.chain().number(),
                history,
                keys,
                new SegmentCatalog(objects, keys.documents()),
                new ObjectReader(objects, keys.objects()),
                new MergeSources(objects, keys, history, settings.damage()));
        Lsn end = history.ranges().getLast().to().previous();
        boolean isErased = snapshot.erasureOf(tokenOf(tenant))
                .filter(erasure -> end.isBefore(erasure.durableTo()))
                .isPresent();
        if (isErased) {
            return left;
        }
        try (SteadyFold fold = new SteadyFold(snapshot, settings, Partition.of(tenant), end, table -> true)) {
            fold.forEachRemaining(row -> left.merge(row.table().name(), 1L, Long::sum));
        }
        return left;
    }

    private Entry.Erasure step(History history, Token token, Entry.ErasureStep step, Instant due, String reason) {
        Instant now = settings.clock().instant();
        return new Entry.Erasure(
                token, step, history.generationOf(token), history.durable().to(), due, now, reason);
    }

    private static Optional<Entry.Erasure> scheduled(History history, Token token) {
        return history.erasureOf(token).filter(erasure -> erasure.step() == Entry.ErasureStep.SCHEDULED);
    }

    private Token tokenOf(TenantId tenant) {
        return log.chain().keys().tokenKey().tokenOf(Partition.of(tenant));
    }

    private PartitionKeys requireEncrypted() {
        return log.chain()
                .keys()
                .partitions()
                .orElseThrow(
                        () -> ReinstateException.refused(
                                "Nothing can be erased from this archive",
                                "it is not encrypted, so there is no key whose end would make a tenant unreadable",
                                "make an encrypted archive, and remove this one as a whole when its moments are not needed any more"));
    }

    private static ReinstateException notScheduled(TenantId tenant) {
        return ReinstateException.conflict(
                "No erasure of " + tenant + " is scheduled",
                "an erasure is scheduled first, and executed when its waiting time is over",
                "schedule it with `reinstate shred " + tenant + " --reason TEXT`");
    }
}
