package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.archive.format.BlockHeader;
import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.ObjectHeader;
import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an image's rows were when it was written is kept with them, and every reading is held against it. */
final class ContentHashTest {
    private static final TableSchema TABLE = RandomHistory.schema(100, "ticket", List.of("id", "title"), List.of(0));
    private static final Partition SITE = Partition.of(new TenantId("site-1"));
    private static final Lsn IMAGE = new Lsn(0x1000);
    private static final int OBJECT_ID_BYTES = 16;

    @TempDir
    Path directory = Path.of("");

    @ParameterizedTest(name = "encrypted {0}")
    @ValueSource(booleans = {false, true})
    void theContentOfEveryPositionIsThatOfItsRows(boolean encrypted) {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 6, encrypted);
        RandomHistory history = new RandomHistory(6, 3, 30);
        history.fill(40);
        MemoryObjectStore objects = new MemoryObjectStore();
        ArchiveFixture.create(objects, settings);
        Lsn image = history.lsn();
        List<RandomHistory.Transaction> transactions;
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            assertContent(Archive.openReader(objects, settings), image.previous(), history.rows, image);
            transactions = ArchiveFixture.publishSegment(writer, history, 10);
        }
        ArchiveReader reader = Archive.openReader(objects, settings);
        for (RandomHistory.Transaction transaction : transactions) {
            assertContent(reader, transaction.commit().commitLsn(), transaction.after(), image);
        }
        assertThat(Archive.openMaintenance(objects, settings).makeImage(true)).isPresent();
        reader.refresh();
        RandomHistory.Transaction last = transactions.getLast();
        Lsn made = last.commit().endLsn();
        assertContent(reader, made.previous(), last.after(), made); // keeps hashes of its own
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
    }

    private static void assertContent(
            ArchiveReader reader,
            Lsn position,
            Map<Partition, SortedMap<RandomHistory.RowId, Tuple>> truth,
            Lsn image) {
        truth.forEach((partition, rows) -> {
            ArchiveReader.Content content = reader.content(partition, position);
            Map<Long, SortedMap<RowKey, Tuple>> byTable = new TreeMap<>();
            rows.forEach((id, row) ->
                    byTable.computeIfAbsent(id.oid(), oid -> new TreeMap<>()).put(id.key(), row));
            assertThat(content.tables().stream().map(table -> new Hash(table.rows(), table.sha256())))
                    .as("%s at %s", partition, position)
                    .containsExactlyInAnyOrderElementsOf(byTable.values().stream()
                            .map(rowsOfTable -> new Hash(rowsOfTable.size(), sha256(rowsOfTable)))
                            .toList());
            content.verifiedAgainst().ifPresent(verified -> assertThat(verified).isEqualTo(image));
        });
        assertThat(truth.keySet().stream()
                        .flatMap(partition -> reader.content(partition, position).verifiedAgainst().stream()))
                .isNotEmpty();
    }

    /** As the specification says it. */
    private static String sha256(SortedMap<RowKey, Tuple> rows) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        rows.forEach((key, row) -> List.of(key.encoded(), row.encoded()).forEach(part -> {
            for (int rest = part.length; ; rest >>>= 7) {
                bytes.write(rest < 128 ? rest : (rest & 127) | 128);
                if (rest < 128) {
                    break;
                }
            }
            bytes.writeBytes(part);
        }));
        return Checksum.sha256Hex(bytes.toByteArray());
    }

    private record Hash(long rows, String sha256) {}

    private static MemoryObjectStore archive(ArchiveSettings settings, String... titles) {
        MemoryObjectStore objects = new MemoryObjectStore();
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                ImageWriter image = writer.beginImage()) {
            for (int i = 0; i < titles.length; i++) {
                Tuple row = Tuple.ofTexts(List.of(Optional.of(Integer.toString(i)), Optional.of(titles[i])));
                image.add(SITE, TABLE, RowKey.of(TABLE, row), row);
            }
            image.publish(IMAGE, RandomHistory.START);
        }
        return objects;
    }

    private ArchiveSettings settings(boolean encrypted) {
        return ArchiveFixture.settings(directory, 1 << 20, 7, encrypted);
    }

    private static String imageOf(MemoryObjectStore objects) {
        return objects.list("image/", "", 1).getFirst().key();
    }

    /** Every checksum is right, and so is the place of every block: only what the rows are is not what it was. */
    @Test
    void aFlippedValueIsDamageForWhoeverVerifies() {
        ArchiveSettings settings = settings(false);
        MemoryObjectStore objects = archive(settings, "one", "two");
        objects.replace(imageOf(objects), altered(objects.get(imageOf(objects)), "two", "tvo"));

        ArchiveReader reader = Archive.openReader(objects, settings);
        assertThat(ArchiveFixture.fold(reader, SITE, IMAGE.previous())).hasSize(2); // no checksum tells
        for (Runnable reading : List.<Runnable>of(
                () -> reader.verifiedFold(SITE, IMAGE.previous(), table -> true),
                () -> reader.verifiedFold(SITE, IMAGE.previous(), table -> false),
                () -> reader.content(SITE, IMAGE.previous()))) {
            ReinstateException damage = catchThrowableOfType(ReinstateException.class, reading::run);
            assertThat(damage.kind()).isEqualTo(FailureKind.DAMAGED);
            assertThat(damage).hasMessageContaining("INV-28").hasMessageContaining("oid 100");
            assertThat(damage.toString()).doesNotContain("tvo");
        }
        for (boolean fold : new boolean[] {false, true}) {
            assertThat(Archive.check(objects, settings, fold, CheckListener.SILENT)
                            .findings())
                    .anyMatch(finding -> finding.invariant().equals("INV-28"));
        }
    }

    /** No image is made from rows that are not those that were written, and where there is an older one, it serves. */
    @Test
    void aFlippedValueOfAnImageMadeFromAnotherIsWorkedAround() {
        List<DamageListener.Workaround> told = new ArrayList<>();
        ArchiveSettings settings = settings(false).withDamageListener(told::add);
        MemoryObjectStore objects = archive(settings, "one", "two");
        Lsn made = makeImage(objects, settings, "three");
        String key = imageOf(objects, made);
        byte[] written = objects.get(key);
        objects.replace(key, altered(written, "two", "tvo"));

        ArchiveReader reader = Archive.openReader(objects, settings);
        ArchiveReader.Content content = reader.content(SITE, made.previous());
        assertThat(content.verifiedAgainst()).hasValue(IMAGE);
        assertThat(told)
                .singleElement()
                .satisfies(workaround -> assertThat(workaround.toString()).contains("INV-28", IMAGE.toString()));
        objects.replace(key, written);
        ArchiveReader.Content whole = Archive.openReader(objects, settings).content(SITE, made.previous());
        assertThat(whole.verifiedAgainst()).hasValue(made);
        assertThat(whole.tables()).isEqualTo(content.tables());

        objects.replace(key, altered(written, "two", "tvo"));
        publishChange(objects, settings, made, "four");
        try (ArchiveMaintenance maintenance = Archive.openMaintenance(objects, settings)) {
            told.clear();
            assertThat(maintenance.makeImage(true).orElseThrow().position()).isGreaterThan(made);
            assertThat(maintenance.leftDamaged()).isEmpty();
            assertThat(told)
                    .singleElement()
                    .satisfies(workaround -> assertThat(workaround.toString()).contains("INV-28", IMAGE.toString()));
        }
        objects.replace(key, written);
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
    }

    /** Two archives that differ in a value that only the changes have: the image made in one is put into the other. */
    @Test
    void anImageThatIsNotWhatItsBaseAndTheChangesYieldIsFound() {
        MemoryObjectStore objects = archive(settings(false), "one", "two");
        Lsn made = makeImage(objects, settings(false), "three");
        MemoryObjectStore others = archive(settings(false), "one", "two");
        assertThat(makeImage(others, settings(false), "thrEE")).isEqualTo(made);
        ArchiveSettings settings = settings(false);
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
        objects.replace(imageOf(objects, made), others.get(imageOf(others, made)));
        assertThat(Archive.openReader(objects, settings)
                        .content(SITE, made.previous())
                        .verifiedAgainst())
                .hasValue(made);
        assertThat(Archive.check(objects, settings, false, CheckListener.SILENT).findings())
                .noneMatch(finding -> finding.invariant().equals("INV-25"));
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .filteredOn(finding -> finding.invariant().equals("INV-25"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(CheckReport.Severity.DAMAGE);
                    assertThat(finding.tenants()).containsExactly("site-1");
                    assertThat(finding.what()).contains("oid 100");
                });
    }

    /** @return the position of the image made */
    private static Lsn makeImage(MemoryObjectStore objects, ArchiveSettings settings, String title) {
        publishChange(objects, settings, IMAGE, title);
        try (ArchiveMaintenance maintenance = Archive.openMaintenance(objects, settings)) {
            return maintenance.makeImage(true).orElseThrow().position();
        }
    }

    private static void publishChange(MemoryObjectStore objects, ArchiveSettings settings, Lsn after, String title) {
        Commit commit = new Commit(
                new Lsn(after.value() + 8), new Lsn(after.value() + 16), RandomHistory.START.plusSeconds(1), 7, "");
        Tuple row = Tuple.ofTexts(List.of(Optional.of("0"), Optional.of(title)));
        try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                SegmentWriter segment = writer.beginSegment()) {
            segment.addCommit(commit);
            segment.add(new Change(SITE, TABLE, Operation.UPDATE, RowKey.of(TABLE, row), row, commit, 0));
            segment.publish(commit.endLsn());
        }
    }

    private static String imageOf(MemoryObjectStore objects, Lsn position) {
        return objects.list("image/", "", 10).stream()
                .map(ObjectStore.ObjectSummary::key)
                .filter(key -> key.contains(String.format(Locale.ROOT, "%016x", position.value())))
                .findFirst()
                .orElseThrow();
    }

    /** The same with another value in its first block, and checksums that are right for it. */
    private static byte[] altered(byte[] object, String from, String to) {
        ByteBuffer bytes = ByteBuffer.wrap(object.clone());
        int at = new String(object, StandardCharsets.ISO_8859_1).indexOf(from);
        assertThat(at).isGreaterThan(ObjectHeader.BYTES + BlockHeader.BYTES);
        bytes.put(at, to.getBytes(StandardCharsets.ISO_8859_1));
        int header = ObjectHeader.BYTES;
        int payload = header + BlockHeader.BYTES;
        bytes.putInt(payload - 8, crc(bytes.slice(payload, bytes.getInt(header + 36))));
        bytes.putInt(payload - 4, crc(bytes.slice(12, OBJECT_ID_BYTES), bytes.slice(header, BlockHeader.BYTES - 4)));
        return bytes.array();
    }

    private static int crc(ByteBuffer... parts) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : parts) {
            crc.update(part);
        }
        return (int) crc.getValue();
    }

    /** Few possible values: whoever could read the sum could try them all. */
    @Test
    void withoutTheTenantsKeyTheHashesAreNotReadable() {
        ArchiveSettings settings = settings(true);
        MemoryObjectStore objects = archive(settings, "yes");
        String hash = Archive.openReader(objects, settings)
                .content(SITE, IMAGE.previous())
                .tables()
                .getFirst()
                .sha256();
        byte[] sum = HexFormat.of().parseHex(hash.substring(0, 32));
        assertThat(contains(objects, sum)).isFalse();
        MemoryObjectStore plain = archive(settings(false), "yes");
        assertThat(contains(plain, sum)).isTrue(); // else the line before proves nothing
        objects.list("key/", "", 10).forEach(key -> objects.delete(key.key()));
        ArchiveReader reader = Archive.openReader(objects, settings);
        assertThat(catchThrowableOfType(ReinstateException.class, () -> reader.content(SITE, IMAGE.previous()))
                        .kind())
                .isEqualTo(FailureKind.DAMAGED);
    }

    private static boolean contains(MemoryObjectStore objects, byte[] bytes) {
        String wanted = new String(bytes, StandardCharsets.ISO_8859_1);
        return objects.list("", "", 100).stream()
                .anyMatch(summary ->
                        new String(objects.get(summary.key()), StandardCharsets.ISO_8859_1).contains(wanted));
    }

    /** A row that is a block of its own has its hash in the next. */
    @ParameterizedTest(name = "encrypted {0}")
    @ValueSource(booleans = {false, true})
    void rowsOfAnyLengthAreHashed(boolean encrypted) {
        ArchiveSettings settings = settings(encrypted);
        String large = "large ".repeat(60_000);
        for (String[] titles : List.of(
                new String[] {large}, new String[] {"small", large}, new String[] {large, "", "x".repeat(9_000)})) {
            MemoryObjectStore objects = archive(settings, titles);
            ArchiveReader reader = Archive.openReader(objects, settings);
            ArchiveReader.Content content = reader.content(SITE, IMAGE.previous());
            assertThat(content.verifiedAgainst()).hasValue(IMAGE);
            SortedMap<RowKey, Tuple> rows = new TreeMap<>();
            ArchiveFixture.fold(reader, SITE, IMAGE.previous()).forEach((id, row) -> rows.put(id.key(), row));
            assertThat(content.tables())
                    .containsExactly(new ArchiveReader.Content.Table(TABLE.name(), titles.length, sha256(rows)));
            assertThat(Archive.check(objects, settings, true, CheckListener.SILENT)
                            .findings())
                    .isEmpty();
        }
    }

    @Test
    void aPartitionWithoutRowsIsHeldAgainstNothing() {
        ArchiveSettings settings = settings(true);
        ArchiveReader reader = Archive.openReader(archive(settings, "one"), settings);
        ArchiveReader.Content content = reader.content(Partition.of(new TenantId("site-2")), IMAGE.previous());
        assertThat(content.tables()).isEmpty();
        assertThat(content.verifiedAgainst()).isEmpty();
    }

    /** An archive of before hashes were kept, as bytes. */
    @Test
    void anImageWithoutHashesIsReadAndHeldAgainstNothing() throws IOException {
        MemoryObjectStore objects = new MemoryObjectStore();
        try (var resource =
                ContentHashTest.class.getResourceAsStream("/golden/archive-v1-encrypted-without-hashes.txt")) {
            String text = resource == null ? "" : new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            text.lines()
                    .map(line -> line.split(" ", 2))
                    .forEach(parts ->
                            objects.putIfAbsent(parts[0], HexFormat.of().parseHex(parts[1])));
        }
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, 1, true);
        ArchiveReader reader = Archive.openReader(objects, settings);
        ArchiveReader.Content content = reader.content(Partition.of(new TenantId("site-1042")), new Lsn(0xFFF));
        assertThat(content.tables())
                .extracting(ArchiveReader.Content.Table::table)
                .containsExactly(new TableName("public", "ticket"));
        assertThat(content.verifiedAgainst()).isEmpty();
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
    }
}
