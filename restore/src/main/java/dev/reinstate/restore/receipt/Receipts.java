package dev.reinstate.restore.receipt;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState.Gap;
import dev.reinstate.archive.ReceiptStore;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Leaves receipts in the archive and completes them with the proof that nobody else was touched. */
public final class Receipts {
    private static final String SUFFIX = ".json";
    private static final String ISOLATION_SUFFIX = ".isolation.json";
    private static final Duration POLL = Duration.ofMillis(250);

    private final ReceiptStore store;
    private final ArchiveReader archive;
    private final Clock clock;
    private final RandomGenerator random;

    public Receipts(ReceiptStore store, ArchiveReader archive, Clock clock, RandomGenerator random) {
        this.store = store;
        this.archive = archive;
        this.clock = clock;
        this.random = random;
    }

    /** An id for the next receipt: the time, to the second, and eight random digits. */
    public String newId() {
        String time = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(clock.instant());
        return time.toLowerCase(Locale.ROOT) + "-" + HexFormat.of().toHexDigits(random.nextInt());
    }

    /** Stores a receipt; {@code CONFLICT} if there is one of that id. */
    public void put(Receipt receipt) {
        store.put(receipt.id() + SUFFIX, ReceiptJson.write(receipt));
    }

    /** {@code INVALID} when there is none of that id. */
    public Receipt get(String id) {
        byte[] json = store.get(id + SUFFIX)
                .orElseThrow(() -> ReinstateException.invalid(
                        "There is no receipt " + id,
                        "the archive has none of that id",
                        "see `reinstate receipt` for those it has"));
        return ReceiptJson.read(json, Receipt.class, id);
    }

    /** Ids, oldest first. */
    public List<String> ids() {
        return store.list().stream()
                .filter(name -> name.endsWith(SUFFIX) && !name.endsWith(ISOLATION_SUFFIX))
                .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                .toList();
    }

    /** The stored verdict; {@code PENDING} when there is none yet. Does not look at the stream. */
    public Isolation isolation(String id) {
        return store.get(id + ISOLATION_SUFFIX)
                .map(json -> ReceiptJson.read(json, Isolation.class, id))
                .orElseGet(() -> verdict(id, Isolation.State.PENDING, List.of("not looked for yet")));
    }

    /** Looks at the stream and stores the verdict, unless it is stored already or still {@code PENDING}. */
    public Isolation complete(String id) {
        Optional<byte[]> stored = store.get(id + ISOLATION_SUFFIX);
        if (stored.isPresent()) {
            return ReceiptJson.read(stored.get(), Isolation.class, id);
        }
        archive.refresh();
        Isolation verdict = judge(get(id));
        if (verdict.state() != Isolation.State.PENDING) {
            store.put(id + ISOLATION_SUFFIX, ReceiptJson.write(verdict));
        }
        return verdict;
    }

    /** Tries until there is a verdict, or the time is up and it stays {@code PENDING}. */
    public Isolation complete(String id, Duration patience) throws InterruptedException {
        Instant deadline = clock.instant().plus(patience);
        Isolation verdict = complete(id);
        while (verdict.state() == Isolation.State.PENDING && clock.instant().isBefore(deadline)) {
            Thread.sleep(POLL);
            verdict = complete(id);
        }
        return verdict;
    }

    private Isolation judge(Receipt receipt) {
        List<Receipt.Tenant> written = receipt.tenants().stream()
                .filter(tenant -> tenant.transaction().isPresent())
                .toList();
        if (written.isEmpty()) {
            return verdict(receipt.id(), Isolation.State.NOT_APPLICABLE, List.of("nothing was written"));
        }
        if (!receipt.sameStore()) {
            return verdict(
                    receipt.id(),
                    Isolation.State.NOT_APPLICABLE,
                    List.of("the target " + receipt.target() + " is not the store whose changes are captured"));
        }
        Lsn end = written.stream()
                .map(tenant -> tenant.transaction().orElseThrow().end())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Optional<Gap> gap = gapOver(written);
        if (gap.isPresent()) {
            return verdict(
                    receipt.id(),
                    Isolation.State.NOT_APPLICABLE,
                    List.of("history was lost there: " + gap.get().reason()));
        }
        Lsn durable = archive.state().durableTo();
        if (durable.isBefore(end)) {
            return verdict(
                    receipt.id(),
                    Isolation.State.PENDING,
                    List.of("captured up to " + durable + ", needed up to " + end));
        }
        return judgeTouched(receipt.id(), written);
    }

    private Optional<Gap> gapOver(List<Receipt.Tenant> written) {
        return archive.state().gaps().stream()
                .filter(gap -> written.stream()
                        .map(tenant -> tenant.transaction().orElseThrow())
                        .anyMatch(transaction -> transaction.end().isAfter(gap.from())
                                && gap.to()
                                        .map(to -> transaction.begin().isBefore(to))
                                        .orElse(true)))
                .findFirst();
    }

    private Isolation judgeTouched(String id, List<Receipt.Tenant> written) {
        List<String> findings = new ArrayList<>();
        boolean proved = true;
        for (Receipt.Tenant tenant : written) {
            Receipt.Transaction transaction = tenant.transaction().orElseThrow();
            Set<Partition> touched =
                    archive.touchedBy(Set.of(transaction.xid()), transaction.begin(), transaction.end());
            boolean exact = touched.equals(Set.of(Partition.of(tenant.tenant())));
            proved &= exact;
            findings.add("transaction " + transaction.xid() + " of tenant " + tenant.tenant() + " touched "
                    + (exact ? "only that tenant" : touched.isEmpty() ? "nothing that was captured" : words(touched)));
        }
        return verdict(id, proved ? Isolation.State.PROVED : Isolation.State.VIOLATED, findings);
    }

    private static String words(Set<Partition> touched) {
        return touched.stream()
                .map(partition -> switch (partition) {
                    case Partition.OfTenant of -> "tenant " + of.tenant();
                    case Partition.Shared shared -> "shared rows";
                    case Partition.Unattributed unattributed -> "rows of no known tenant";
                    case Partition.StoreEvents events -> "whole tables";
                })
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private Isolation verdict(String id, Isolation.State state, List<String> findings) {
        return new Isolation(Receipt.VERSION, id, state, clock.instant(), findings);
    }
}
