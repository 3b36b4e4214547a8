package dev.reinstate.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.archive.SegmentWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transaction that leans on rows of a table that is published and still to be read. */
class ArchivedRowsTest {
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
    private static final Partition SITE = Partition.of(new TenantId("1"));
    private static final TableSchema SITES = schema(1, "site", "id");
    private static final TableSchema TICKETS = schema(2, "ticket", "id", "site_id");
    private static final TableSchema ADDED = schema(3, "added", "id", "site_id");

    @TempDir
    Path directory = Path.of("");

    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final List<TableName> uncertain = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();

    private static TableSchema schema(int oid, String name, String... columns) {
        List<Column> made = List.of(columns).stream()
                .map(column -> new Column(0, column, 25, "text"))
                .toList();
        return new TableSchema(oid, new TableName("public", name), made, List.of(0));
    }

    private ArchiveSettings settings() {
        return ArchiveSettings.defaults(directory.resolve("temporary"));
    }

    private static TenancyMap map() {
        TreeMap<TableName, TableRule> rules = new TreeMap<>(Map.of(
                SITES.name(), new TableRule.TenantTable("id"),
                TICKETS.name(), new TableRule.ByColumn("site_id"),
                ADDED.name(), new TableRule.ByColumn("site_id")));
        return new TenancyMap(Optional.of(SITES.name()), Optional.empty(), rules);
    }

    private void fill() {
        Archive.create(objects, new StoreIdentity(1, 1, "shop"), map(), settings());
        try (ArchiveWriter archive = Archive.openWriter(objects, settings())) {
            try (ImageWriter image = archive.beginImage()) {
                image.publish(new Lsn(0x1000), TIME);
            }
            Commit commit = new Commit(new Lsn(0x2000), new Lsn(0x2010), TIME, 700, "");
            try (SegmentWriter segment = archive.beginSegment()) {
                segment.addCommit(commit);
                add(segment, commit, TICKETS, Operation.INSERT, "1");
                add(segment, commit, ADDED, Operation.INSERT, "2");
                add(segment, commit, ADDED, Operation.UPDATE, "3");
                segment.publish(commit.endLsn());
            }
        }
    }

    private static void add(SegmentWriter segment, Commit commit, TableSchema table, Operation operation, String id) {
        Tuple row = Tuple.ofTexts(List.of(Optional.of(id), Optional.of("1")));
        long ordinal = Long.parseLong(id);
        segment.add(new Change(SITE, table, operation, RowKey.of(table, row), row, commit, ordinal));
    }

    private void read(Set<TableName> unread) {
        CaptureListener listener = new CaptureListener() {
            @Override
            public void tableUncertain(TableName table, String why) {
                uncertain.add(table);
            }
        };
        ArchivedRows archived = new ArchivedRows(
                Archive.openReader(objects, settings()),
                () -> {},
                new Ownership(map(), List.of(SITES, TICKETS, ADDED), Map.of()),
                () -> new HashSet<>(unread),
                listener);
        archived.prepare();
        archived.forEach(
                SITE,
                Set.of(TICKETS.name(), ADDED.name()),
                row -> rows.add(row.tuple().text(0).orElseThrow()));
    }

    @Test
    void anUpdateThatLeansOnARowStillToBeReadEndsNothingElse() {
        fill();
        read(Set.of(ADDED.name(), SITES.name()));
        assertThat(rows).containsExactly("1", "2");
        assertThat(uncertain).containsExactly(ADDED.name());
    }

    @Test
    void inATableThatWasReadItIsDamage() {
        fill();
        assertThatThrownBy(() -> read(Set.of(TICKETS.name())))
                .isInstanceOf(ReinstateException.class)
                .hasMessageContaining("INV-11");
    }
}
