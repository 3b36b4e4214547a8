package dev.reinstate.restore.receipt;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.ChangeStream;
import dev.reinstate.archive.ArchiveState.Gap;
import dev.reinstate.archive.ReceiptStore;
import dev.reinstate.model.Change;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Leaves receipts in the archive and completes them with the proof that nobody else was touched. */
public final class Receipts {
    private static final String SUFFIX = ".json";
    private static final String ISOLATION_SUFFIX = ".isolation.json";
    private static final Pattern ID = Pattern.compile("\\d{8}t\\d{6}z-[0-9a-f]{8}");
    private static final Set<Receipt.Outcome> IS_BACK = Set.of(Receipt.Outcome.RESTORED, Receipt.Outcome.ALREADY_RIGHT);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final List<Isolation.State> WORST_FIRST = List.of(
            Isolation.State.VIOLATED, Isolation.State.PENDING, Isolation.State.NOT_APPLICABLE, Isolation.State.PROVED);

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

    /** Whether the text is written as ids are. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /**
     * The receipt with what the archive has of the tenants that were restored or were right already. Where that cannot
     * be read any more, it stays absent: a receipt must not fail for it.
     */
    public Receipt withArchived(Receipt draft) {
        List<Receipt.Tenant> tenants = draft.tenants().stream()
                .map(tenant -> IS_BACK.contains(tenant.outcome())
                        ? archived(tenant).map(tenant::withArchived).orElse(tenant)
                        : tenant)
                .toList();
        return new Receipt(
                draft.version(),
                draft.id(),
                draft.createdAt(),
                draft.store(),
                draft.target(),
                draft.sameStore(),
                draft.policy(),
                tenants,
                draft.damage());
    }

    private Optional<Receipt.Archived> archived(Receipt.Tenant tenant) {
        try {
            return Optional.of(readArchived(tenant));
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.BUG) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private Receipt.Archived readArchived(Receipt.Tenant tenant) {
        return Receipt.Archived.of(
                archive.content(Partition.of(tenant.tenant()), tenant.moment().position()));
    }

    /**
     * Whether the archive has the tenant's rows of that moment still as the receipt says. What the failure to read them
     * means is thrown: {@code NOT_RESTORABLE} if that moment is not in the archive any more, {@code DAMAGED}.
     *
     * @return empty if the receipt does not say what the archive had
     */
    public Optional<Boolean> isStillArchived(Receipt.Tenant tenant) {
        return tenant.archived()
                .map(then -> then.tables().equals(readArchived(tenant).tables()));
    }

    /** Stores a receipt; {@code CONFLICT} if there is one of that id. */
    public void put(Receipt receipt) {
        store.put(documentOf(receipt.id()), ReceiptJson.write(receipt));
    }

    /** {@code INVALID} when there is none of that id. */
    public Receipt get(String id) {
        byte[] json = store.get(documentOf(id))
                .orElseThrow(() -> ReinstateException.invalid(
                        "There is no receipt " + id,
                        "the archive has none of that id",
                        "see `reinstate receipt` for those it has"));
        return ReceiptJson.read(json, Receipt.class, id);
    }

    /**
     * The receipt, and the verdict if there is one, with their signatures; empty if it was stored without one. {@code
     * INVALID} when there is none of that id.
     */
    public Optional<ReceiptFile> signed(String id) {
        get(id);
        return store.signed(documentOf(id)).map(receipt -> new ReceiptFile(receipt, store.signed(isolationOf(id))));
    }

    static String documentOf(String id) {
        return id + SUFFIX;
    }

    static String isolationOf(String id) {
        return id + ISOLATION_SUFFIX;
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
        return store.get(isolationOf(id))
                .map(json -> ReceiptJson.read(json, Isolation.class, id))
                .orElseGet(() -> verdict(id, Isolation.State.PENDING, List.of("not looked for yet")));
    }

    /** Looks at the stream and stores the verdict, unless it is stored already or still {@code PENDING}. */
    public Isolation complete(String id) {
        Optional<byte[]> stored = store.get(isolationOf(id));
        if (stored.isPresent()) {
            return ReceiptJson.read(stored.get(), Isolation.class, id);
        }
        archive.refresh();
        Isolation verdict = judge(get(id));
        if (verdict.state() != Isolation.State.PENDING) {
            store.put(isolationOf(id), ReceiptJson.write(verdict));
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
        List<Untraced.Verdict> verdicts = new ArrayList<>();
        List<String> findings = new ArrayList<>();
        for (Receipt.Tenant tenant : written) {
            Receipt.Transaction transaction = tenant.transaction().orElseThrow();
            Untraced.Verdict verdict = judge(tenant, transaction);
            verdicts.add(verdict);
            findings.add(
                    "transaction " + transaction.xid() + " of tenant " + tenant.tenant() + " " + verdict.finding());
        }
        Isolation.State worst = WORST_FIRST.stream()
                .filter(state -> verdicts.stream().anyMatch(verdict -> verdict.state() == state))
                .findFirst()
                .orElseThrow();
        return verdict(id, worst, findings);
    }

    private Untraced.Verdict judge(Receipt.Tenant tenant, Receipt.Transaction transaction) {
        Set<Partition> touched = archive.touchedBy(Set.of(transaction.xid()), transaction.begin(), transaction.end());
        if (touched.isEmpty()) {
            return new Untraced(archive).judge(tenant, transaction);
        }
        return wrong(tenant, transaction, touched)
                .map(found -> new Untraced.Verdict(Isolation.State.VIOLATED, "touched " + found))
                .orElseGet(() -> new Untraced.Verdict(
                        Isolation.State.PROVED, "touched only that tenant" + sharedWords(sharedRows(tenant))));
    }

    /** What a transaction touched, unless that is just what it says it wrote. */
    private Optional<String> wrong(Receipt.Tenant tenant, Receipt.Transaction transaction, Set<Partition> touched) {
        SortedMap<TableName, Long> shared = sharedRows(tenant);
        Set<Partition> expected = shared.isEmpty()
                ? Set.of(Partition.of(tenant.tenant()))
                : Set.of(Partition.of(tenant.tenant()), Partition.SHARED);
        if (!touched.equals(expected)) {
            return Optional.of(words(touched));
        }
        SortedMap<TableName, Long> inserted = shared.isEmpty() ? shared : sharedInserts(transaction);
        return inserted.equals(shared)
                ? Optional.empty()
                : Optional.of("that tenant and other shared rows than it says it wrote");
    }

    /** How many shared rows the transaction says it inserted, by table. */
    private static SortedMap<TableName, Long> sharedRows(Receipt.Tenant tenant) {
        SortedMap<TableName, Long> rows = new TreeMap<>();
        tenant.shared().stream()
                .filter(table -> table.inserted() > 0)
                .forEach(table -> rows.put(table.table(), table.inserted()));
        return rows;
    }

    /** How many shared rows the change stream shows it to have inserted, by table; -1 where it did anything else. */
    private SortedMap<TableName, Long> sharedInserts(Receipt.Transaction transaction) {
        SortedMap<TableName, Long> rows = new TreeMap<>();
        try (ChangeStream changes = archive.changes(Partition.SHARED, transaction.begin(), transaction.end())) {
            while (changes.hasNext()) {
                Change change = changes.next();
                if (change.commit().xid() == transaction.xid()) {
                    boolean inserts = change.operation() == Operation.INSERT;
                    rows.merge(change.table().name(), inserts ? 1L : -1L, (a, b) -> a < 0 || b < 0 ? -1L : a + b);
                }
            }
        }
        return rows;
    }

    private static String sharedWords(SortedMap<TableName, Long> rows) {
        return rows.isEmpty()
                ? ""
                : rows.entrySet().stream()
                        .map(entry -> entry.getValue() + " of " + entry.getKey())
                        .collect(Collectors.joining(", ", " and inserted the shared rows that it says: ", ""));
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
