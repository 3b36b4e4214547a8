package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is there, told from counts: rows in all, and rows in the tenant table. */
class TenantOverviewTest {
    private static final TableSchema SITE = RandomHistory.schema(50, "site", List.of("id"), List.of(0));
    private static final TableSchema CUSTOMER = RandomHistory.schema(50, "customer", List.of("id"), List.of(0));
    private static final TableSchema TICKET = RandomHistory.schema(100, "ticket", List.of("id"), List.of(0));

    @TempDir
    Path directory = Path.of("");

    private final ObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);
    private long lsn = 0x1000;

    /** Two tenants with a row in the tenant table and two more each. */
    @BeforeEach
    void begin() {
        settings = ArchiveFixture.settings(directory, 1 << 20, 3);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                ImageWriter image = writer.beginImage()) {
            for (String tenant : List.of("a", "b")) {
                Partition partition = Partition.of(new TenantId(tenant));
                image.add(partition, SITE, RowKey.of(SITE, row(tenant)), row(tenant));
                image.add(partition, TICKET, RowKey.of(TICKET, row("1")), row("1"));
                image.add(partition, TICKET, RowKey.of(TICKET, row("2")), row("2"));
            }
            image.publish(new Lsn(lsn), RandomHistory.START);
        }
    }

    private static Tuple row(String id) {
        return new Tuple.Builder(8).addText(id.getBytes(StandardCharsets.UTF_8)).build();
    }

    private void publish(Partition partition, TableSchema table, Operation operation, String id) {
        Commit commit = new Commit(new Lsn(lsn), new Lsn(lsn + 0x10), RandomHistory.START, 5, "");
        lsn += 0x10;
        Tuple tuple = operation.leavesRow() ? row(id) : Tuple.EMPTY;
        RowKey key = operation == Operation.TRUNCATE ? RowKey.EMPTY : RowKey.of(table, row(id));
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                SegmentWriter segment = writer.beginSegment()) {
            segment.addCommit(commit);
            segment.add(new Change(partition, table, operation, key, tuple, commit, 0));
            segment.publish(commit.endLsn());
        }
    }

    /** Rows in all and in the tenant table. */
    private Map<String, List<Long>> counts() {
        return Archive.openReader(objects, settings).tenants().stream()
                .collect(Collectors.toMap(
                        summary -> summary.tenant().value(), summary -> List.of(summary.rows(), summary.roots())));
    }

    @Test
    void aTenantWhoseOwnRowIsGoneIsToldFromOneThatIsThere() {
        publish(Partition.of(new TenantId("b")), SITE, Operation.DELETE, "b");
        publish(Partition.of(new TenantId("a")), TICKET, Operation.DELETE, "1");
        assertThat(counts()).isEqualTo(Map.of("a", List.of(2L, 1L), "b", List.of(2L, 0L)));
    }

    @Test
    void anEmptiedTenantTableHasNobody() {
        publish(Partition.STORE_EVENTS, SITE, Operation.TRUNCATE, "");
        assertThat(counts()).isEqualTo(Map.of("a", List.of(2L, 0L), "b", List.of(2L, 0L)));
    }

    @Test
    void aTableOfSeveralNamesDoesNotCount() {
        publish(Partition.of(new TenantId("a")), CUSTOMER, Operation.UPDATE, "a");
        assertThat(counts()).isEqualTo(Map.of("a", List.of(3L, 0L), "b", List.of(3L, 0L)));
    }

    @Test
    void whereTenantsHaveSchemasEveryRowCounts() {
        publishMap(
                new TenancyMap(Optional.empty(), Optional.of(new SchemaPattern("tenant_{tenant}")), new TreeMap<>()));
        assertThat(counts()).isEqualTo(Map.of("a", List.of(3L, 3L), "b", List.of(3L, 3L)));
    }

    private void publishMap(TenancyMap map) {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            writer.publishTenancyMap(map);
        }
    }
}
