package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Definition;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.ObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the archive's tests share. */
final class ArchiveFixture {
    static final StoreIdentity STORE = new StoreIdentity(-7_000_000_000_000_000_001L, 1, "shop");

    private ArchiveFixture() {}

    static ArchiveSettings settings(Path directory, long memoryBytes, long seed) {
        Clock clock = Clock.offset(Clock.fixed(RandomHistory.START, ZoneOffset.UTC), Duration.ofHours(1));
        return new ArchiveSettings(directory, memoryBytes, 3, clock, new Random(seed));
    }

    /** The same, for an archive that is encrypted if so wished. */
    static ArchiveSettings settings(Path directory, long memoryBytes, long seed, boolean encrypted) {
        ArchiveSettings settings = settings(directory, memoryBytes, seed);
        return encrypted ? settings.withMasterKey(() -> FixedKey.FIRST) : settings;
    }

    /** Asks who is unknown, of all that any history here has and of one that none has; the list of all tenants knows it. */
    static void verifyUnknown(ArchiveReader reader) {
        List<TenantId> asked = Stream.of(
                        "site-2", "nobody", "site-0", "gone", "stays", "site-4", "site-1", "a", "b", "site-3")
                .map(TenantId::new)
                .toList();
        Set<TenantId> listed = reader.tenants().stream()
                .map(ArchiveReader.TenantSummary::tenant)
                .collect(Collectors.toSet());
        assertThat(reader.unknown(asked))
                .isEqualTo(asked.stream()
                        .filter(tenant -> !listed.contains(tenant))
                        .toList());
    }

    /** The rows of a fold as the oracle keeps them; fails when they are out of order. */
    static SortedMap<RandomHistory.RowId, Tuple> fold(ArchiveReader reader, Partition partition, Lsn position) {
        return fold(reader, partition, position, table -> true);
    }

    static SortedMap<RandomHistory.RowId, Tuple> fold(
            ArchiveReader reader, Partition partition, Lsn position, Predicate<TableSchema> tables) {
        return read(reader.fold(partition, position, tables));
    }

    private static SortedMap<RandomHistory.RowId, Tuple> read(ArchiveReader.RowStream rowsInOrder) {
        SortedMap<RandomHistory.RowId, Tuple> rows = new TreeMap<>();
        try (ArchiveReader.RowStream stream = rowsInOrder) {
            while (stream.hasNext()) {
                FoldedRow row = stream.next();
                assertThat(row.tuple().columnCount())
                        .isEqualTo(row.table().columns().size());
                RandomHistory.RowId id = new RandomHistory.RowId(
                        Integer.toUnsignedLong(row.table().oid()), row.key());
                assertThat(rows.isEmpty() || rows.lastKey().compareTo(id) < 0)
                        .as("rows ascend")
                        .isTrue();
                rows.put(id, row.tuple());
            }
        }
        return rows;
    }

    static void assertFolds(
            ArchiveReader reader, Lsn position, Map<Partition, SortedMap<RandomHistory.RowId, Tuple>> truth) {
        truth.forEach((partition, rows) -> assertThat(read(reader.verifiedFold(partition, position, table -> true)))
                .as("fold of %s at %s", partition, position)
                .isEqualTo(rows));
    }

    static void publishImage(ArchiveWriter writer, RandomHistory history) {
        try (ImageWriter image = writer.beginImage()) {
            history.addImageTo(image);
            image.publish(
                    history.lsn(), RandomHistory.START.plusMillis(history.lsn().value() - 0x1_0000_0000L));
        }
    }

    /** An image of one table of the history as it is now, which must be how far history is durable. */
    static ImageWriter tableImage(ArchiveWriter writer, RandomHistory history, long oid, Lsn uncertainFrom) {
        TableName name = Objects.requireNonNull(history.tableNames().get(oid));
        ImageWriter image =
                writer.beginTableImage(List.of(new ReimagedTable((int) oid, name, uncertainFrom, "rewritten")));
        history.addImageTo(image, history.rows, candidate -> candidate == oid);
        return image;
    }

    /** Publishes that many more transactions as one segment. */
    static List<RandomHistory.Transaction> publishSegment(ArchiveWriter writer, RandomHistory history, int count) {
        List<RandomHistory.Transaction> transactions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            transactions.add(history.next());
        }
        publish(writer, transactions);
        return transactions;
    }

    static void publish(ArchiveWriter writer, List<RandomHistory.Transaction> transactions) {
        try (SegmentWriter segment = writer.beginSegment()) {
            fill(segment, transactions);
            segment.publish(transactions.getLast().commit().endLsn());
        }
    }

    static void fill(SegmentWriter segment, List<RandomHistory.Transaction> transactions) {
        for (RandomHistory.Transaction transaction : transactions) {
            if (transaction.commit().xid() % 2 == 0) {
                segment.addCommit(transaction.commit());
            }
            transaction.changes().forEach(segment::add);
            if (transaction.commit().xid() % 2 != 0) {
                segment.addCommit(transaction.commit());
            }
        }
    }

    /** The next two transactions as one segment, tried again where that was said to have failed. */
    static List<RandomHistory.Transaction> publishSegmentTwice(ArchiveWriter writer, RandomHistory history) {
        List<RandomHistory.Transaction> transactions = List.of(history.next(), history.next());
        try (SegmentWriter segment = writer.beginSegment()) {
            ArchiveFixture.fill(segment, transactions);
            twice(() -> segment.publish(transactions.getLast().commit().endLsn()));
        }
        return transactions;
    }

    /** Once more where the first time was said to have failed. */
    static void twice(Runnable publish) {
        try {
            publish.run();
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            publish.run();
        }
    }

    static void create(ObjectStore objects, ArchiveSettings settings) {
        Archive.create(objects, STORE, RandomHistory.tenancyMap(), settings);
    }

    /** A store that runs an action right before its call of that number. */
    static ObjectStore beforeCall(ObjectStore inner, long turn, AtomicLong calls, Runnable action) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (calls.incrementAndGet() == turn) {
                        action.run();
                    }
                    try {
                        return method.invoke(inner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    static Instant timeOf(RandomHistory.Transaction transaction) {
        return transaction.commit().time();
    }

    static Definitions definitions(Lsn position) {
        return new Definitions(
                position,
                RandomHistory.START,
                List.of(
                        new Definition("type public.mood", "CREATE TYPE public.mood AS ENUM ('gut', 'so\\la')"),
                        new Definition("table public.ticket", "CREATE TABLE public.ticket (\n  \"tägl\" text)")),
                List.of("view public.seen"));
    }
}
