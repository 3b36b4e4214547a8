package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.archive.format.BlockHeader;
import dev.reinstate.archive.format.ObjectHeader;
import dev.reinstate.model.ContentHash;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an image's rows were when it was written is kept with them, and every reading is held against it. */
final class ContentHashTest {
    private static final TableSchema TABLE = RandomHistory.schema(100, "ticket", List.of("id", "title"), List.of(0));
    private static final Partition SITE = Partition.of(new TenantId("site-1"));
    private static final Lsn IMAGE = new Lsn(0x1000);

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
            Map<Long, List<Tuple>> byTable = new TreeMap<>();
            rows.forEach((id, row) -> byTable.computeIfAbsent(id.oid(), oid -> new java.util.ArrayList<>())
                    .add(row));
            assertThat(content.tables().stream().map(ArchiveReader.Content.Table::content))
                    .as("%s at %s", partition, position)
                    .containsExactlyInAnyOrderElementsOf(
                            byTable.values().stream().map(ContentHashTest::hash).toList());
            content.verifiedAgainst().ifPresent(verified -> assertThat(verified).isEqualTo(image));
        });
        assertThat(truth.keySet().stream()
                        .flatMap(partition -> reader.content(partition, position).verifiedAgainst().stream()))
                .isNotEmpty();
    }

    /** As the specification says it. */
    private static ContentHash hash(List<Tuple> rows) {
        BigInteger sum = BigInteger.ZERO;
        for (Tuple row : rows) {
            sum = sum.add(new BigInteger(1, sha256(row.encoded())));
        }
        String hex = sum.mod(BigInteger.TWO.pow(256)).toString(16);
        return new ContentHash(rows.size(), "0".repeat(64 - hex.length()) + hex);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

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
    void otherRowsThanWereWrittenAreDamageWhoeverReadsThem() {
        ArchiveSettings settings = settings(false);
        MemoryObjectStore objects = archive(settings, "one", "two");
        byte[] written = objects.get(imageOf(objects));
        MemoryObjectStore others = archive(settings(false), "one", "TWO");
        byte[] other = others.get(imageOf(others));
        assertThat(other).hasSameSizeAs(written);
        int rowsEnd = ObjectHeader.BYTES
                + BlockHeader.BYTES
                + ByteBuffer.wrap(written).getInt(ObjectHeader.BYTES + 36);
        byte[] spliced = written.clone();
        System.arraycopy(other, 0, spliced, 0, rowsEnd);
        assertThat(spliced).isNotEqualTo(written).isNotEqualTo(other);
        objects.replace(imageOf(objects), spliced);

        ArchiveReader reader = Archive.openReader(objects, settings);
        for (Runnable reading : List.<Runnable>of(
                () -> ArchiveFixture.fold(reader, SITE, IMAGE.previous()),
                () -> ArchiveFixture.fold(reader, SITE, IMAGE.previous(), table -> false),
                () -> reader.content(SITE, IMAGE.previous()))) {
            ReinstateException damage = catchThrowableOfType(ReinstateException.class, reading::run);
            assertThat(damage.kind()).isEqualTo(FailureKind.DAMAGED);
            assertThat(damage).hasMessageContaining("INV-28").hasMessageContaining("oid 100");
            assertThat(damage.toString()).doesNotContain("TWO");
        }
        assertThat(Archive.check(objects, settings, false, CheckListener.SILENT).findings())
                .anyMatch(finding -> finding.invariant().equals("INV-28"));
    }

    /** Few possible values: whoever could read the sum could try them all. */
    @Test
    void withoutTheTenantsKeyTheHashesAreNotReadable() {
        ArchiveSettings settings = settings(true);
        MemoryObjectStore objects = archive(settings, "yes");
        ContentHash hash = Archive.openReader(objects, settings)
                .content(SITE, IMAGE.previous())
                .tables()
                .getFirst()
                .content();
        byte[] sum = HexFormat.of().parseHex(hash.sum());
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
