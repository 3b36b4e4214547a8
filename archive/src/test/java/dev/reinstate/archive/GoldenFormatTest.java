package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.model.UncertainInterval;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An archive written by format version 1, kept as bytes. It must stay readable for ever; and what is written now must be
 * the same bytes, unless the version changes (or only zstd's: then the bytes found are in {@code target/golden}).
 */
@ParameterizedClass(name = "encrypted {0}")
@ValueSource(booleans = {false, true})
final class GoldenFormatTest {
    private static final TableSchema TICKET =
            RandomHistory.schema(16_384, "ticket", List.of("id", "title"), List.of(0));
    private static final Partition SITE = Partition.of(new TenantId("site-1042"));
    private static final Commit FIRST =
            new Commit(new Lsn(0x1000), new Lsn(0x1030), RandomHistory.START.plusSeconds(1), 700, "");
    private static final Commit SECOND =
            new Commit(new Lsn(0x1040), new Lsn(0x1070), RandomHistory.START.plusSeconds(2), 701, "reinstate");

    private static final Commit THIRD =
            new Commit(new Lsn(0x2100), new Lsn(0x2130), RandomHistory.START.plusSeconds(13), 702, "");
    private static final Commit FOURTH =
            new Commit(new Lsn(0x2140), new Lsn(0x2170), RandomHistory.START.plusSeconds(14), 703, "");

    private static final byte[] RECEIPT = "{ \"version\" : 1 }".getBytes(StandardCharsets.UTF_8);
    private static final List<ReimagedTable> REIMAGED =
            List.of(new ReimagedTable(16_384, TICKET.name(), new Lsn(0x2080), "rewritten by ALTER TABLE"));
    private static final List<TableVersion> VERSIONS = List.of(
            version(0x2000, 16_384, TICKET.name(), Optional.of(TICKET), "image", true),
            version(0x2088, -294_967_296, new TableName("old", "täglich"), Optional.empty(), "seen", false));

    @TempDir
    Path directory = Path.of("");

    @Parameter
    boolean encrypted;

    @Test
    void whatWasWrittenIsReadable() throws IOException {
        MemoryObjectStore objects = new MemoryObjectStore();
        golden().forEach((key, hex) -> objects.putIfAbsent(key, HexFormat.of().parseHex(hex)));
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 1, encrypted);
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
        ArchiveReader reader = Archive.openReader(objects, settings);
        assertThat(reader.state().store())
                .isEqualTo(
                        new StoreIdentity(ArchiveFixture.STORE.systemIdentifier(), 2, ArchiveFixture.STORE.database()));
        assertThat(reader.state().tenancyMap()).isEqualTo(RandomHistory.tenancyMap());
        assertThat(ArchiveFixture.fold(reader, SITE, new Lsn(0xFFF)).values()).containsExactly(row("1", "one"));
        assertThat(ArchiveFixture.fold(reader, SITE, FIRST.commitLsn()).values())
                .containsExactly(row("1", "one"), row("2", "two"));
        assertThat(ArchiveFixture.fold(reader, SITE, SECOND.commitLsn()).values())
                .containsExactly(row("1", "uno"));
        assertThat(ArchiveFixture.fold(reader, SITE, new Lsn(0x20EE)).values()).containsExactly(row("1", "two"));
        assertThat(ArchiveFixture.fold(reader, SITE, new Lsn(0x20EF)).values()).containsExactly(row("1", "TWO"));
        assertThat(ArchiveFixture.fold(reader, SITE, THIRD.commitLsn()).values())
                .containsExactly(row("1", "at 702"));
        assertThat(ArchiveFixture.fold(reader, SITE, FOURTH.commitLsn()).values())
                .containsExactly(row("1", "at 703"));
        assertThat(reader.state().segmentCount()).isEqualTo(2);
        assertThat(reader.state().images()).hasSize(2);
        assertThat(reader.state().syntheticImages()).hasSize(1);
        assertThat(reader.state().uncertain())
                .containsExactly(new UncertainInterval(
                        16_384, TICKET.name(), new Lsn(0x2080), new Lsn(0x20F0), "rewritten by ALTER TABLE"));
        assertThat(reader.catalogueHistory()).isEqualTo(VERSIONS);
        assertThat(reader.definitionsAt(new Lsn(0x20F0))).contains(ArchiveFixture.definitions(new Lsn(0x20F0)));
        assertThat(reader.holds())
                .containsExactly(new ArchiveReader.Hold(
                        Optional.of(new TenantId("site-1042")), settings.clock().instant(), "a lawsuit"));
        assertThat(reader.commits(Lsn.ZERO, SECOND.commitLsn())).containsExactly(FIRST, SECOND);
        ReceiptStore receipts = Archive.receipts(objects, settings);
        assertThat(receipts.get("20260101t000000z-00000000.json")).hasValue(RECEIPT);
        assertThat(receipts.signed("20260101t000000z-00000000.json").isPresent())
                .isEqualTo(encrypted);
    }

    @Test
    void whatIsWrittenIsTheSameBytes() throws IOException {
        SortedMap<String, String> written = write();
        Path found = Path.of("target", "golden", name());
        Files.createDirectories(found.getParent());
        StringBuilder text = new StringBuilder();
        written.forEach((key, hex) -> text.append(key).append(' ').append(hex).append('\n'));
        Files.writeString(found, text);
        assertThat(written).isEqualTo(golden());
    }

    /** The archive that is not encrypted is of before there was encryption. */
    private String name() {
        return encrypted ? "archive-v1-encrypted.txt" : "archive-v1.txt";
    }

    private SortedMap<String, String> golden() throws IOException {
        SortedMap<String, String> golden = new TreeMap<>();
        try (var resource = GoldenFormatTest.class.getResourceAsStream("/golden/" + name())) {
            String text = resource == null ? "" : new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            text.lines().map(line -> line.split(" ", 2)).forEach(parts -> golden.put(parts[0], parts[1]));
        }
        return golden;
    }

    private SortedMap<String, String> write() {
        MemoryObjectStore objects = new MemoryObjectStore();
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 1, encrypted);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            try (ImageWriter image = writer.beginImage()) {
                image.add(SITE, TICKET, key("1"), row("1", "one"));
                image.add(Partition.SHARED, TICKET, key("9"), row("9", "shared"));
                image.publish(new Lsn(0x1000), RandomHistory.START);
            }
            try (SegmentWriter segment = writer.beginSegment()) {
                segment.addCommit(FIRST);
                segment.add(new Change(SITE, TICKET, Operation.INSERT, key("2"), row("2", "two"), FIRST, 0));
                segment.addCommit(SECOND);
                segment.add(new Change(SITE, TICKET, Operation.UPDATE, key("1"), row("1", "uno"), SECOND, 0));
                segment.add(new Change(SITE, TICKET, Operation.DELETE, key("2"), Tuple.EMPTY, SECOND, 1));
                segment.publish(new Lsn(0x1080));
            }
            writer.publishPosition(new Lsn(0x1100), RandomHistory.START.plusSeconds(9));
            writer.publishTimeline(2, new Lsn(0x1100), RandomHistory.START.plusSeconds(9), "never needed");
            writer.publishTenancyMap(RandomHistory.tenancyMap());
            writer.publishGap(RandomHistory.START.plusSeconds(10), "the slot was dropped");
            try (ImageWriter image = writer.beginImage()) {
                image.add(SITE, TICKET, key("1"), row("1", "two"));
                image.publish(new Lsn(0x2000), RandomHistory.START.plusSeconds(11));
            }
            writer.publishTableVersions(VERSIONS);
            writer.publishPosition(new Lsn(0x2100), RandomHistory.START.plusSeconds(12));
            try (ImageWriter image = writer.beginTableImage(REIMAGED)) {
                image.add(SITE, TICKET, key("1"), row("1", "TWO"));
                image.publish(new Lsn(0x20F0), RandomHistory.START.plusSeconds(12));
            }
            writer.publishDefinitions(ArchiveFixture.definitions(new Lsn(0x20F0)));
        }
        ArchiveMaintenance maintenance = Archive.openMaintenance(objects, settings);
        maintenance.placeHold(new TenantId("site-1042"), "a lawsuit");
        maintenance.placeHold(new TenantId("site-7"), "a mistake");
        maintenance.releaseHold(new TenantId("site-7"), "it was a mistake");
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            for (Commit commit : List.of(THIRD, FOURTH)) {
                try (SegmentWriter segment = writer.beginSegment()) {
                    segment.addCommit(commit);
                    segment.add(new Change(
                            SITE, TICKET, Operation.UPDATE, key("1"), row("1", "at " + commit.xid()), commit, 0));
                    segment.publish(commit.endLsn());
                }
            }
        }
        CompactionPlan pairs = new CompactionPlan(2, 1 << 20, 1 << 20, 1);
        ArchiveMaintenance compaction = StoredArchiveMaintenance.open(new ArchiveObjects(objects), settings, pairs, 10);
        assertThat(compaction.compactOnce()).isPresent();
        assertThat(compaction.makeImage(true)).isPresent();
        assertThat(compaction.removeReplaced(Duration.ZERO)).isPresent();
        assertThat(compaction.shortenChain(RetentionPolicy.DEFAULT)).isTrue();
        Archive.receipts(objects, settings).put("20260101t000000z-00000000.json", RECEIPT);
        SortedMap<String, String> written = new TreeMap<>();
        for (ObjectStore.ObjectSummary summary : objects.list("", "", 100)) {
            written.put(summary.key(), HexFormat.of().formatHex(objects.get(summary.key())));
        }
        return written;
    }

    private static TableVersion version(
            long lsn, int oid, TableName name, Optional<TableSchema> shape, String command, boolean exact) {
        return new TableVersion(
                new Lsn(lsn), RandomHistory.START, oid, name, shape, shape.isEmpty() ? "" : "16384 p", command, exact);
    }

    private static Tuple row(String id, String title) {
        return Tuple.ofTexts(List.of(Optional.of(id), Optional.of(title)));
    }

    private static RowKey key(String id) {
        return RowKey.of(TICKET, row(id, "x"));
    }
}
