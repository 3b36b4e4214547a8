package dev.reinstate.capture.owner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.archive.ReimagedTable;
import dev.reinstate.archive.SegmentWriter;
import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that came with a table image are in the index, whatever it had when its process ended. */
final class IndexRecoveryTest {
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
    private static final String FINGERPRINT = "shop";
    private static final TenantId SITE = new TenantId("1");
    private static final TableSchema SITES = schema(1, "site", "id");
    private static final TableSchema TICKETS = schema(2, "ticket", "id", "site_id");

    @TempDir
    Path directory = Path.of("");

    private final MemoryObjectStore objects = new MemoryObjectStore();
    private Optional<ArchiveWriter> writer = Optional.empty();
    private Optional<OwnerIndex> index = Optional.empty();

    private static TableSchema schema(int oid, String name, String... columns) {
        List<Column> made = List.of(columns).stream()
                .map(column -> new Column(0, column, 25, "text"))
                .toList();
        return new TableSchema(oid, new TableName("public", name), made, List.of(0));
    }

    private static TenancyMap map() {
        TreeMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(SITES.name(), new TableRule.TenantTable("id"));
        rules.put(TICKETS.name(), new TableRule.ByColumn("site_id"));
        return new TenancyMap(Optional.of(SITES.name()), Optional.empty(), rules);
    }

    private ArchiveSettings settings() {
        return ArchiveSettings.defaults(directory.resolve("temporary"));
    }

    @BeforeEach
    void begin() {
        Archive.create(objects, new StoreIdentity(1, 1, "shop"), map(), settings());
        writer = Optional.of(Archive.openWriter(objects, settings()));
        index = Optional.of(OwnerIndex.open(directory.resolve("owners")));
        try (ImageWriter image = archive().beginImage()) {
            add(image, SITES, "1");
            add(image, TICKETS, "1", "1");
            image.publish(new Lsn(0x1000), TIME);
        }
    }

    @AfterEach
    void end() {
        owners().close();
        archive().close();
    }

    private ArchiveWriter archive() {
        return writer.orElseThrow();
    }

    private OwnerIndex owners() {
        return index.orElseThrow();
    }

    private static Tuple row(String... values) {
        return Tuple.ofTexts(List.of(values).stream().map(Optional::of).toList());
    }

    private static void add(ImageWriter image, TableSchema table, String... values) {
        image.add(Partition.of(SITE), table, RowKey.of(table, row(values)), row(values));
    }

    private IndexRecovery.Outcome recover() {
        ArchiveReader reader = Archive.openReader(objects, settings());
        Ownership ownership = new Ownership(map(), List.of(SITES, TICKETS), Map.of());
        return new IndexRecovery(owners(), reader, ownership, FINGERPRINT).recover();
    }

    private boolean knows(String ticket) {
        return OwnerRecord.tenant(SITE)
                .equals(owners().get(OwnerKey.of(TICKETS.oid(), RowKey.of(TICKETS, row(ticket, "1")))));
    }

    private void publishTableImage(Lsn position) {
        ReimagedTable tickets = new ReimagedTable(TICKETS.oid(), TICKETS.name(), new Lsn(0x1000), "rewritten");
        try (ImageWriter image = archive().beginTableImage(List.of(tickets))) {
            add(image, TICKETS, "1", "1");
            add(image, TICKETS, "2", "1");
            image.publish(position, TIME);
        }
    }

    private void publish(long lsn, Operation operation, String ticket) {
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 0x10), TIME, 700, "");
        Tuple tuple = operation == Operation.OVERSIZED ? Tuple.EMPTY : row(ticket, "1");
        try (SegmentWriter segment = archive().beginSegment()) {
            segment.addCommit(commit);
            RowKey key = RowKey.of(TICKETS, row(ticket, "1"));
            segment.add(new Change(Partition.of(SITE), TICKETS, operation, key, tuple, commit, 0));
            segment.publish(commit.endLsn());
        }
    }

    /** Capture ended between publishing a table and reading it: the first that is known of a row is its update. */
    @Test
    void anUpdateOfARowThatIsStillToBeReadDoesNotEndIt() {
        publish(0x2000, Operation.UPDATE, "2");
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.REBUILT);
        assertThat(List.of(knows("1"), knows("2"))).containsExactly(true, true);
        publishTableImage(new Lsn(0x2010));
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.REBUILT);
        assertThat(List.of(knows("1"), knows("2"))).containsExactly(true, true);
    }

    @Test
    void anIndexThatMayLackATableImagesRowsIsRebuilt() {
        publish(0x1000, Operation.INSERT, "3");
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.REBUILT);
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.CURRENT);
        assertThat(knows("3")).isTrue();
        assertThat(knows("2")).isFalse();
        // of a position that the index has reached already; killed before the owners were put
        publishTableImage(new Lsn(0x1008));
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.REBUILT);
        assertThat(knows("2")).isTrue();
        // history went on: whoever reached that has put them
        archive().publishPosition(new Lsn(0x1100), TIME);
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.REBUILT);
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.CURRENT);
        archive().publishPosition(new Lsn(0x1200), TIME);
        publish(0x1200, Operation.INSERT, "4");
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.CAUGHT_UP);
        assertThat(knows("2")).isTrue();
        assertThat(knows("4")).isTrue();
    }

    @Test
    void rowsOfTableImagesAreThereAlsoWhereARowIsTooLargeToFold() {
        publish(0x1000, Operation.INSERT, "3");
        publishTableImage(new Lsn(0x1010));
        publish(0x1010, Operation.INSERT, "4");
        publish(0x1020, Operation.OVERSIZED, "5");
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.REBUILT);
        assertThat(List.of("1", "2", "3", "4").stream().filter(this::knows)).containsExactly("1", "2", "3", "4");
        assertThat(owners().get(OwnerKey.of(TICKETS.oid(), RowKey.of(TICKETS, row("5", "1")))))
                .isEqualTo(OwnerRecord.keptBy(Partition.of(SITE)));
        assertThat(recover()).isEqualTo(IndexRecovery.Outcome.CURRENT);
    }
}
