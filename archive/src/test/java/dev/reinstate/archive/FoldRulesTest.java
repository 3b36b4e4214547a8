package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a fold does where history is not plain. */
final class FoldRulesTest {
    private static final TableSchema TICKET = RandomHistory.schema(1, "ticket", List.of("id", "body"), List.of(0));
    private static final Partition SITE = Partition.of(new TenantId("site-1"));

    @TempDir
    Path directory = Path.of("");

    private final MemoryObjectStore objects = new MemoryObjectStore();
    private long lsn = 1000;

    private ArchiveSettings settings() {
        return ArchiveFixture.settings(directory, 1 << 20, 3);
    }

    private ArchiveWriter open(ObjectStore store) {
        ArchiveFixture.create(store, settings());
        ArchiveWriter writer = Archive.openWriter(store, settings());
        try (ImageWriter image = writer.beginImage()) {
            image.publish(new Lsn(lsn), RandomHistory.START);
        }
        return writer;
    }

    private Lsn publish(ArchiveWriter writer, Operation operation, Tuple tuple) {
        return publish(writer, TICKET, operation, tuple);
    }

    private Lsn publish(ArchiveWriter writer, TableSchema shape, Operation operation, Tuple tuple) {
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 10), RandomHistory.START, 5, "");
        lsn += 10;
        try (SegmentWriter segment = writer.beginSegment()) {
            segment.addCommit(commit);
            segment.add(new Change(SITE, shape, operation, key(), tuple, commit, 0));
            segment.publish(commit.endLsn());
        }
        return commit.commitLsn();
    }

    private static RowKey key() {
        return RowKey.of(TICKET, row("x"));
    }

    private static Tuple row(String body) {
        return new Tuple.Builder(16).addText(bytes("7")).addText(bytes(body)).build();
    }

    private static Tuple unchangedBody() {
        return new Tuple.Builder(16).addText(bytes("7")).addUnchanged().build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anUpdateOfNothingIsDamage() {
        try (ArchiveWriter writer = open(objects)) {
            Lsn position = publish(writer, Operation.UPDATE, row("a"));
            ArchiveReader reader = Archive.openReader(objects, settings());
            assertKind(FailureKind.DAMAGED, "public.ticket", () -> ArchiveFixture.fold(reader, SITE, position));
            CheckReport report = Archive.check(objects, settings(), true, CheckListener.SILENT);
            assertThat(report.findings()).singleElement().satisfies(finding -> {
                assertThat(finding.invariant()).isEqualTo("INV-11");
                assertThat(finding.tenants()).containsExactly("site-1");
            });
        }
    }

    /** The ticket's table with a column of that number and name for its body. */
    private static TableSchema withBody(int number, String name) {
        List<Column> columns = List.of(TICKET.columns().getFirst(), new Column(number, name, 25, "text"));
        return new TableSchema(TICKET.oid(), TICKET.name(), columns, List.of(0));
    }

    @Test
    void aColumnThatWasLeftAloneIsFoundUnderItsOldName() {
        try (ArchiveWriter writer = open(objects)) {
            publish(writer, Operation.INSERT, row("a"));
            Lsn renamed = publish(writer, withBody(2, "text"), Operation.UPDATE, unchangedBody());
            ArchiveReader reader = Archive.openReader(objects, settings());
            assertThat(ArchiveFixture.fold(reader, SITE, renamed).values()).containsExactly(row("a"));
            Lsn unknown = publish(writer, withBody(0, "text"), Operation.UPDATE, unchangedBody());
            Lsn again = publish(writer, withBody(0, "prose"), Operation.UPDATE, unchangedBody());
            reader.refresh();
            assertThat(ArchiveFixture.fold(reader, SITE, unknown).values()).containsExactly(row("a"));
            assertKind(FailureKind.NOT_RESTORABLE, "prose", () -> ArchiveFixture.fold(reader, SITE, again));
        }
    }

    @Test
    void anotherColumnUnderTheSameNameIsNotTakenForIt() {
        try (ArchiveWriter writer = open(objects)) {
            publish(writer, Operation.INSERT, row("a"));
            Lsn other = publish(writer, withBody(3, "body"), Operation.UPDATE, unchangedBody());
            ArchiveReader reader = Archive.openReader(objects, settings());
            assertKind(FailureKind.DAMAGED, "body", () -> ArchiveFixture.fold(reader, SITE, other));
        }
    }

    @Test
    void aRowTooLargeToKeepIsSaidUntilItIsWrittenWholeAgain() {
        try (ArchiveWriter writer = open(objects)) {
            Lsn small = publish(writer, Operation.INSERT, row("a"));
            Lsn large = publish(writer, Operation.OVERSIZED, Tuple.EMPTY);
            Lsn leaning = publish(writer, Operation.UPDATE, unchangedBody());
            Lsn whole = publish(writer, Operation.UPDATE, row("b"));
            Lsn largeAgain = publish(writer, Operation.OVERSIZED, Tuple.EMPTY);
            Lsn gone = publish(writer, Operation.DELETE, Tuple.EMPTY);
            ArchiveReader reader = Archive.openReader(objects, settings());
            assertThat(ArchiveFixture.fold(reader, SITE, small).values()).containsExactly(row("a"));
            for (Lsn position : List.of(large, leaning, largeAgain)) {
                assertKind(
                        FailureKind.NOT_RESTORABLE, "public.ticket", () -> ArchiveFixture.fold(reader, SITE, position));
                try (ArchiveReader.RowStream rows = reader.fold(SITE, position, table -> false)) {
                    assertThat(rows.hasNext()).isFalse();
                }
            }
            assertThat(ArchiveFixture.fold(reader, SITE, whole).values()).containsExactly(row("b"));
            assertThat(ArchiveFixture.fold(reader, SITE, gone)).isEmpty();
        }
    }

    @Test
    void wrongChangesAreRefusedBeforeTheyAreWritten() {
        try (ArchiveWriter writer = open(objects)) {
            assertKind(FailureKind.BUG, "columns", () -> publish(writer, Operation.INSERT, Tuple.EMPTY));
            assertKind(FailureKind.BUG, "columns", () -> publish(writer, Operation.DELETE, row("a")));
            assertKind(FailureKind.BUG, "store event", () -> publish(writer, Operation.TRUNCATE, Tuple.EMPTY));
            try (SegmentWriter segment = writer.beginSegment()) {
                Commit commit = new Commit(new Lsn(5000), new Lsn(5010), RandomHistory.START, 5, "");
                segment.add(new Change(SITE, TICKET, Operation.INSERT, key(), row("a"), commit, 0));
                assertKind(FailureKind.BUG, "INV-6", () -> segment.publish(new Lsn(5010)));
            }
            try (ImageWriter image = writer.beginImage()) {
                assertKind(FailureKind.BUG, "INV-10", () -> image.add(SITE, TICKET, key(), unchangedBody()));
                image.add(SITE, TICKET, key(), row("a"));
                image.add(SITE, TICKET, key(), row("b"));
                assertKind(FailureKind.BUG, "INV-7", () -> image.publish(new Lsn(9000), RandomHistory.START));
            }
        }
        assertThat(Archive.check(objects, settings(), true, CheckListener.SILENT)
                        .isSound())
                .isTrue();
    }

    @Test
    void segmentsNeedAnImage() {
        ArchiveFixture.create(objects, settings());
        try (ArchiveWriter writer = Archive.openWriter(objects, settings())) {
            assertKind(FailureKind.CONFLICT, "image", () -> publish(writer, Operation.INSERT, row("a")));
        }
        assertKind(FailureKind.CONFLICT, "archive here already", () -> ArchiveFixture.create(objects, settings()));
        assertKind(FailureKind.INVALID, "no archive", () -> Archive.openReader(new MemoryObjectStore(), settings()));
    }

    /** Four versions of a row of 40 MB pass through with a heap of less than the test's 768 MB. */
    @Test
    void largeRowsPassInBoundedMemory() {
        byte[] large = new byte[40 << 20];
        new Random(1).nextBytes(large);
        Tuple tuple = new Tuple.Builder(0).addText(bytes("7")).addText(large).build();
        try (ObjectStore store = FileObjectStore.open(directory.resolve("store"));
                ArchiveWriter writer = open(store)) {
            publish(writer, Operation.INSERT, tuple);
            publish(writer, Operation.UPDATE, unchangedBody());
            Lsn position = publish(writer, Operation.UPDATE, tuple);
            ArchiveReader reader = Archive.openReader(store, settings());
            try (ArchiveReader.RowStream rows = reader.fold(SITE, position, table -> true)) {
                assertThat(rows.next().tuple().equals(tuple)).isTrue();
            }
        }
    }

    @Test
    void receiptsAreKeptAsTheyAre() {
        ArchiveFixture.create(objects, settings());
        ReceiptStore receipts = Archive.receipts(objects, settings());
        receipts.put("2026-01-01.site-1", bytes("{\n  \"a\": 1\n}"));
        receipts.put("2025-01-01.site-2", bytes("{}"));
        assertThat(receipts.get("2026-01-01.site-1")).hasValue(bytes("{\n  \"a\": 1\n}"));
        assertThat(receipts.get("none")).isEmpty();
        assertThat(receipts.list()).containsExactly("2025-01-01.site-2", "2026-01-01.site-1");
        assertKind(FailureKind.CONFLICT, "exists", () -> receipts.put("2025-01-01.site-2", bytes("[]")));
        assertKind(FailureKind.INVALID, "name", () -> receipts.put("../x", bytes("[]")));
    }

    @Test
    void rowsAreSortedAsFoldsAre() {
        Random random = new Random(4);
        List<FoldedRow> rows = new ArrayList<>();
        TableSchema high = RandomHistory.schema((int) 3_000_000_000L, "high", List.of("id"), List.of(0));
        TableSchema low = RandomHistory.schema(5, "low", List.of("id"), List.of(0));
        ArchiveSettings spilling = settings().withMemoryBudgetBytes(64 << 10);
        try (RowSorter sorter = Archive.rowSorter(spilling)) {
            for (int i = 0; i < 40_000; i++) {
                TableSchema table = random.nextBoolean() ? high : low;
                Tuple tuple = new Tuple.Builder(16)
                        .addText(bytes(Integer.toString(random.nextInt(1_000_000))))
                        .build();
                FoldedRow row = new FoldedRow(table, RowKey.of(table, tuple), tuple);
                rows.add(row);
                sorter.add(row);
            }
            rows.sort((a, b) -> {
                int byTable = Integer.compareUnsigned(a.table().oid(), b.table().oid());
                return byTable != 0 ? byTable : a.key().compareTo(b.key());
            });
            List<FoldedRow> sorted = new ArrayList<>();
            sorter.sorted().forEachRemaining(sorted::add);
            assertThat(sorted).isEqualTo(rows);
        }
    }

    @Test
    void aReaderBesideTheWriterSeesAPrefix() throws InterruptedException {
        RandomHistory history = new RandomHistory(9, 3, 30);
        List<RandomHistory.Transaction> transactions = new ArrayList<>();
        ArchiveFixture.create(objects, settings());
        try (ArchiveWriter writer = Archive.openWriter(objects, settings())) {
            ArchiveFixture.publishImage(writer, history);
            for (int i = 0; i < 200; i++) {
                transactions.add(history.next());
            }
            Thread writing = Thread.ofPlatform()
                    .start(() -> transactions.forEach(one -> ArchiveFixture.publish(writer, List.of(one))));
            ArchiveReader reader = Archive.openReader(objects, settings());
            while (writing.isAlive()) {
                reader.refresh();
                Lsn durable = reader.state().durableTo();
                transactions.stream()
                        .filter(one -> one.commit().endLsn().equals(durable))
                        .findFirst()
                        .ifPresent(last ->
                                ArchiveFixture.assertFolds(reader, last.commit().commitLsn(), last.after()));
            }
            writing.join();
            reader.refresh();
            assertThat(reader.state()).isEqualTo(writer.state());
            SortedMap<RandomHistory.RowId, Tuple> rows = ArchiveFixture.fold(
                    reader, Partition.SHARED, transactions.getLast().commit().commitLsn());
            assertThat(rows).isEqualTo(transactions.getLast().after().get(Partition.SHARED));
        }
    }

    private static void assertKind(FailureKind kind, String part, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(part);
        });
    }
}
