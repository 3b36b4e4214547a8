package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.model.UncertainInterval;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What table images and the catalogue history do, one rule at a time. */
final class TableImageRulesTest {
    private static final Partition SITE = Partition.of(new TenantId("site-1"));
    private static final TableSchema TICKET = RandomHistory.schema(1, "ticket", List.of("id", "body"), List.of(0));
    private static final TableSchema PAGE = RandomHistory.schema(2, "page", List.of("id", "body"), List.of(0));
    private static final TableSchema NOTE = RandomHistory.schema(3, "note", List.of("id", "body"), List.of(0));

    @TempDir
    Path directory = Path.of("");

    private final FaultyObjectStore objects = new FaultyObjectStore(new MemoryObjectStore());
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);
    private Optional<ArchiveWriter> opened = Optional.empty();
    private long lsn = 0x1000;

    /** An image at 1000 with a row each in two tables. */
    @BeforeEach
    void begin() {
        settings = ArchiveFixture.settings(directory, 1 << 20, 3);
        ArchiveFixture.create(objects, settings);
        opened = Optional.of(Archive.openWriter(objects, settings));
        try (ImageWriter image = writer().beginImage()) {
            add(image, TICKET, "1", "ticket");
            add(image, PAGE, "1", "page");
            image.publish(new Lsn(lsn), RandomHistory.START);
        }
    }

    @AfterEach
    void end() {
        writer().close();
    }

    private ArchiveWriter writer() {
        return opened.orElseThrow();
    }

    private ArchiveReader reader() {
        return Archive.openReader(objects, settings);
    }

    private static void add(ImageWriter image, TableSchema table, String id, String body) {
        image.add(SITE, table, RowKey.of(table, row(id, body)), row(id, body));
    }

    private static Tuple row(String id, String body) {
        return Tuple.ofTexts(List.of(Optional.of(id), Optional.of(body)));
    }

    private static Tuple unchangedBody(String id) {
        return new Tuple.Builder(16)
                .addText(id.getBytes(StandardCharsets.UTF_8))
                .addUnchanged()
                .build();
    }

    private static ReimagedTable reimaged(TableSchema table, long uncertainFrom) {
        return new ReimagedTable(table.oid(), table.name(), new Lsn(uncertainFrom), "rewritten");
    }

    /** A transaction of one change; its commit is at the LSN before and 0x10 long. */
    private Commit commit() {
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 0x10), RandomHistory.START, 5, "");
        lsn += 0x10;
        return commit;
    }

    private void publish(TableSchema table, Operation operation, String id, Tuple tuple) {
        Commit commit = commit();
        boolean isTruncation = operation == Operation.TRUNCATE;
        try (SegmentWriter segment = writer().beginSegment()) {
            segment.addCommit(commit);
            segment.add(new Change(
                    isTruncation ? Partition.STORE_EVENTS : SITE,
                    table,
                    operation,
                    isTruncation ? RowKey.EMPTY : RowKey.of(table, row(id, "")),
                    tuple,
                    commit,
                    0));
            segment.publish(commit.endLsn());
        }
    }

    private void publishTableImage(long position, List<ReimagedTable> tables, List<TableSchema> withRows, String body) {
        try (ImageWriter image = writer().beginTableImage(tables)) {
            withRows.forEach(table -> add(image, table, "1", body));
            image.publish(new Lsn(position), RandomHistory.START);
        }
    }

    private List<Tuple> fold(long position) {
        return List.copyOf(
                ArchiveFixture.fold(reader(), SITE, new Lsn(position)).values());
    }

    private long countedRows() {
        return reader().tenants().getFirst().rows();
    }

    @Test
    void aTableImageReplacesItsTablesOnly() {
        publish(TICKET, Operation.UPDATE, "1", row("1", "changed"));
        publish(PAGE, Operation.UPDATE, "1", row("1", "changed"));
        publishTableImage(lsn, List.of(reimaged(TICKET, 0x1008)), List.of(TICKET), "rewritten");
        publish(TICKET, Operation.INSERT, "2", row("2", "new"));
        assertThat(fold(0x1000)).containsExactly(row("1", "changed"), row("1", "page"));
        assertThat(fold(0x101E)).containsExactly(row("1", "changed"), row("1", "changed"));
        assertThat(fold(0x101F)).containsExactly(row("1", "rewritten"), row("1", "changed"));
        assertThat(fold(0x1020)).containsExactly(row("1", "rewritten"), row("2", "new"), row("1", "changed"));
        assertThat(reader().state().uncertain())
                .containsExactly(
                        new UncertainInterval(1, TICKET.name(), new Lsn(0x1008), new Lsn(0x1020), "rewritten"));
        assertThat(countedRows()).isEqualTo(3);
    }

    @Test
    void aTableWithoutRowsInItsImageIsEmpty() {
        publishTableImage(0x1000, List.of(reimaged(TICKET, 0x1000), reimaged(NOTE, 0x1000)), List.of(NOTE), "note");
        assertThat(fold(0xFFF)).containsExactly(row("1", "page"), row("1", "note"));
        assertThat(countedRows()).isEqualTo(2);
        assertThat(reader().state().uncertain()).isEmpty();
        assertThat(reader().state().tableImages()).hasSize(1);
    }

    @Test
    void theNewestTableImageCountsAndAnImageAfterItMore() {
        publish(TICKET, Operation.INSERT, "2", row("2", "gone silently"));
        publish(TICKET, Operation.INSERT, "3", row("3", "gone silently"));
        publishTableImage(
                0x1010, List.of(reimaged(TICKET, 0x1010), reimaged(PAGE, 0x1010)), List.of(TICKET, PAGE), "A");
        publishTableImage(0x1020, List.of(reimaged(TICKET, 0x1010)), List.of(TICKET), "B");
        // of one position, the one published last
        publishTableImage(0x1020, List.of(reimaged(TICKET, 0x1010)), List.of(TICKET), "C");
        // an older one serves its own moments only
        publishTableImage(0x1018, List.of(reimaged(TICKET, 0x1018)), List.of(TICKET), "D");
        assertThat(fold(0xFFF)).containsExactly(row("1", "ticket"), row("1", "page"));
        assertThat(fold(0x100F)).containsExactly(row("1", "A"), row("1", "A"));
        assertThat(fold(0x1010)).containsExactly(row("1", "A"), row("3", "gone silently"), row("1", "A"));
        assertThat(fold(0x1017)).containsExactly(row("1", "D"), row("1", "A"));
        assertThat(fold(0x101F)).containsExactly(row("1", "C"), row("1", "A"));
        assertThat(countedRows()).isEqualTo(2);
        publish(PAGE, Operation.INSERT, "2", row("2", "page"));
        try (ImageWriter image = writer().beginImage()) {
            add(image, PAGE, "1", "whole");
            image.publish(new Lsn(lsn), RandomHistory.START);
        }
        assertThat(fold(0x102F)).containsExactly(row("1", "whole"));
        assertThat(fold(0x1020)).containsExactly(row("1", "C"), row("1", "A"), row("2", "page"));
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
    }

    @Test
    void whatHappenedToTheTableBeforeItsImageIsIgnored() {
        publish(TICKET, Operation.INSERT, "2", row("2", "before"));
        publish(TICKET, Operation.TRUNCATE, "", Tuple.EMPTY);
        publish(PAGE, Operation.TRUNCATE, "", Tuple.EMPTY);
        publishTableImage(lsn, List.of(reimaged(TICKET, lsn)), List.of(TICKET), "after");
        assertThat(fold(lsn - 1)).containsExactly(row("1", "after"));
        assertThat(countedRows()).isEqualTo(1);
        publish(TICKET, Operation.UPDATE, "1", unchangedBody("1"));
        assertThat(fold(lsn - 1)).containsExactly(row("1", "after"));
        publish(TICKET, Operation.TRUNCATE, "", Tuple.EMPTY);
        assertThat(fold(lsn - 1)).isEmpty();
        assertThat(countedRows()).isZero();
    }

    /** A table image amid a segment: of its changes only those after it count. */
    @Test
    void aTableImageMayLieWithinASegment() {
        Commit first = commit();
        Commit second = commit();
        try (SegmentWriter segment = writer().beginSegment()) {
            segment.addCommit(first);
            segment.add(new Change(
                    SITE, TICKET, Operation.INSERT, RowKey.of(TICKET, row("2", "")), row("2", "a"), first, 0));
            segment.addCommit(second);
            segment.add(new Change(
                    SITE, TICKET, Operation.INSERT, RowKey.of(TICKET, row("3", "")), row("3", "b"), second, 0));
            segment.publish(second.endLsn());
        }
        publishTableImage(0x1010, List.of(reimaged(TICKET, 0x1000)), List.of(TICKET), "rewritten");
        assertThat(fold(0x1010)).containsExactly(row("1", "rewritten"), row("3", "b"), row("1", "page"));
        assertThat(countedRows()).isEqualTo(3);
    }

    @Test
    void anUpdateThatLeansOnWhatTheStreamDidNotTellIsNotRestorableThen() {
        publish(TICKET, Operation.UPDATE, "9", unchangedBody("9"));
        assertKind(FailureKind.DAMAGED, "INV-11", () -> fold(0x1000));
        publishTableImage(lsn, List.of(reimaged(TICKET, 0x1000)), List.of(TICKET), "rewritten");
        assertKind(FailureKind.NOT_RESTORABLE, "uncertain then (rewritten)", () -> fold(0x1000));
        assertThat(fold(0xFFF)).containsExactly(row("1", "ticket"), row("1", "page"));
        assertThat(fold(0x100F)).containsExactly(row("1", "rewritten"), row("1", "page"));
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.isSound()).isTrue();
        assertThat(report.uncertain()).isEqualTo(reader().state().uncertain()).hasSize(1);
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(CheckReport.Severity.HARMLESS);
            assertThat(finding.tenants()).containsExactly("site-1");
        });
    }

    @Test
    void anUpdateFromBeforeTheUncertainIntervalIsStillDamage() {
        publish(TICKET, Operation.UPDATE, "9", unchangedBody("9"));
        publish(PAGE, Operation.DELETE, "1", Tuple.EMPTY);
        publishTableImage(lsn, List.of(reimaged(TICKET, 0x1010)), List.of(), "");
        assertKind(FailureKind.DAMAGED, "INV-11", () -> fold(0x1010));
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).isSound())
                .isFalse();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        publish(TICKET, Operation.UPDATE, "1", row("1", "a"));
        List<ReimagedTable> ticket = List.of(reimaged(TICKET, 0x1000));
        assertKind(FailureKind.BUG, "no table", () -> writer().beginTableImage(List.of()));
        assertKind(
                FailureKind.BUG,
                "twice",
                () -> writer().beginTableImage(List.of(reimaged(TICKET, 1), reimaged(TICKET, 2))));
        assertKind(FailureKind.BUG, "INV-19", () -> publishTableImage(lsn, ticket, List.of(PAGE), "x"));
        assertKind(FailureKind.BUG, "INV-18", () -> publishTableImage(lsn + 1, ticket, List.of(), ""));
        assertKind(
                FailureKind.BUG,
                "uncertain from",
                () -> publishTableImage(lsn, List.of(reimaged(TICKET, lsn + 1)), List.of(), ""));
        assertKind(FailureKind.CONFLICT, "INV-18", () -> publishTableImage(0xFFF, ticket, List.of(), ""));
        writer().publishGap(RandomHistory.START, "the slot was dropped");
        assertKind(FailureKind.CONFLICT, "INV-13", () -> publishTableImage(lsn, ticket, List.of(), ""));
        try (ImageWriter image = writer().beginImage()) {
            image.publish(new Lsn(0x2000), RandomHistory.START);
        }
        assertKind(FailureKind.CONFLICT, "INV-18", () -> publishTableImage(lsn, ticket, List.of(), ""));
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.findings()).isEmpty();
        assertThat(reader().state().tableImages()).isEmpty();
    }

    @Test
    void tableImagesOfManyTablesComeTogetherInOrder() {
        List<TableSchema> tables = new ArrayList<>();
        for (int oid = 10; oid < 70; oid++) {
            tables.add(RandomHistory.schema(oid * 100_000_000, "t" + oid, List.of("id", "body"), List.of(0)));
        }
        for (int from = 0; from < 20; from++) {
            int offset = from;
            List<TableSchema> some = tables.stream()
                    .filter(table -> tables.indexOf(table) % 20 >= offset)
                    .toList();
            publishTableImage(
                    0x1000, some.stream().map(table -> reimaged(table, 0x1000)).toList(), some, "image " + from);
        }
        List<Tuple> expected = new ArrayList<>(List.of(row("1", "ticket"), row("1", "page")));
        tables.stream()
                .sorted(Comparator.comparingLong(table -> Integer.toUnsignedLong(table.oid())))
                .forEach(table -> expected.add(row("1", "image " + tables.indexOf(table) % 20)));
        assertThat(fold(0xFFF)).isEqualTo(expected);
        assertThat(countedRows()).isEqualTo(62);
    }

    @Test
    void theCatalogueHistoryIsReadOnceAndSortedByPosition() {
        TableVersion late = version(0x1010, "ticket");
        TableVersion early = version(0x1008, "request");
        TableVersion alsoLate = version(0x1010, "case");
        writer().publishTableVersions(List.of());
        assertThat(writer().state().manifestNumber()).isEqualTo(3);
        writer().publishTableVersions(List.of(late));
        ArchiveReader reader = reader();
        assertThat(reader.catalogueHistory()).containsExactly(late);
        writer().publishTableVersions(List.of(early, alsoLate));
        assertThat(reader.catalogueHistory()).containsExactly(late);
        reader.refresh();
        assertThat(reader.catalogueHistory()).containsExactly(early, late, alsoLate);
        objects.failCall(1, FaultyObjectStore.Fault.BEFORE, true);
        assertThat(reader.catalogueHistory()).containsExactly(early, late, alsoLate);
        objects.heal();
    }

    @Test
    void theDefinitionsOfAPositionAreTheNewestReadByThen() {
        ArchiveReader reader = reader();
        assertThat(reader.definitionsAt(new Lsn(0x1010))).isEmpty();
        Definitions early = ArchiveFixture.definitions(new Lsn(0x1008));
        Definitions late = ArchiveFixture.definitions(new Lsn(0x1010));
        Definitions again = new Definitions(late.position(), late.time(), List.of(), List.of("view public.v"));
        List.of(late, early, again).forEach(writer()::publishDefinitions);
        reader.refresh();
        assertThat(reader.definitionsAt(new Lsn(0x1007))).isEmpty();
        assertThat(reader.definitionsAt(new Lsn(0x1008))).contains(early);
        assertThat(reader.definitionsAt(new Lsn(0x100F))).contains(early);
        assertThat(reader.definitionsAt(new Lsn(0x1010))).contains(again);
        assertThat(reader.catalogueHistory()).isEmpty();
    }

    private static TableVersion version(long lsn, String name) {
        TableSchema shape = RandomHistory.schema(7, name, List.of("id"), List.of(0));
        return new TableVersion(
                new Lsn(lsn), RandomHistory.START, 7, shape.name(), Optional.of(shape), "", "ALTER TABLE", true);
    }

    @Test
    void aVersionIsOfOneTable() {
        TableName other = new TableName("public", "other");
        assertThatThrownBy(() -> new TableVersion(
                        new Lsn(1), RandomHistory.START, 1, other, Optional.of(TICKET), "", "image", true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertKind(FailureKind kind, String part, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(part);
        });
    }
}
