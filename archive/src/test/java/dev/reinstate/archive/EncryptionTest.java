package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.reinstate.archive.format.BlockHeader;
import dev.reinstate.archive.format.IndexSection;
import dev.reinstate.archive.format.ObjectId;
import dev.reinstate.archive.format.ObjectTail;
import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Change;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nobody can read or put elsewhere without keys, also someone who computes every checksum anew. */
final class EncryptionTest {
    private static final String MARK = "zebra";
    private static final TableSchema TABLE =
            RandomHistory.schema(100, "zebra_table", List.of("id", "zebra_column"), List.of(0));
    private static final Partition FIRST = Partition.of(new TenantId("zebra-tenant-1"));
    private static final Partition SECOND = Partition.of(new TenantId("zebra-tenant-2"));
    private static final Lsn IMAGE = new Lsn(0x1000);
    private static final Lsn END = new Lsn(0x20FF);
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{40,}={0,2}");

    @TempDir
    Path directory = Path.of("");

    private MemoryObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);

    @BeforeEach
    void write() {
        settings = ArchiveFixture.settings(directory, 1 << 20, 3, true);
        objects = new MemoryObjectStore();
        write(objects, settings, 64);
    }

    private static void write(ObjectStore objects, ArchiveSettings settings, int idle) {
        TableName tenants = new TableName("zebra_schema", "zebra_tenant");
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(tenants, new TableRule.TenantTable("zebra_id"));
        rules.put(TABLE.name(), new TableRule.ByColumn("zebra_owner"));
        Archive.create(
                objects, ArchiveFixture.STORE, new TenancyMap(Optional.of(tenants), Optional.empty(), rules), settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            try (ImageWriter image = writer.beginImage()) {
                for (Partition partition : List.of(FIRST, SECOND, Partition.SHARED, Partition.UNATTRIBUTED)) {
                    image.add(partition, TABLE, key("1"), row("1", "zebra-value"));
                }
                image.publish(IMAGE, RandomHistory.START);
            }
            for (int i = 0; i < 2; i++) {
                Lsn lsn = new Lsn(0x1000 + 0x100 * i);
                Commit commit =
                        new Commit(lsn, new Lsn(lsn.value() + 0x10), RandomHistory.START, 7 + i, "zebra-origin");
                try (SegmentWriter segment = writer.beginSegment()) {
                    segment.addCommit(commit);
                    for (Partition partition : List.of(FIRST, SECOND)) {
                        String text = ("zebra-of-" + (partition.equals(FIRST) ? 1 : 2)).repeat(40);
                        segment.add(
                                new Change(partition, TABLE, Operation.UPDATE, key("1"), row("1", text), commit, 0));
                    }
                    segment.publish(new Lsn(lsn.value() + 0x10));
                }
            }
            writer.publishTableVersions(List.of(new TableVersion(
                    IMAGE,
                    RandomHistory.START,
                    100,
                    TABLE.name(),
                    Optional.of(TABLE),
                    "16384 p",
                    "zebra-command",
                    true)));
            writer.publishPosition(new Lsn(0x2100), RandomHistory.START);
            ReimagedTable reimaged = new ReimagedTable(100, TABLE.name(), new Lsn(0x2000), "zebra-reason");
            try (ImageWriter image = writer.beginTableImage(List.of(reimaged))) {
                image.add(FIRST, TABLE, key("1"), row("1", "zebra-again"));
                image.publish(new Lsn(0x2100), RandomHistory.START);
            }
            for (int i = 0; i < idle; i++) { // also a checkpoint
                writer.publishPosition(new Lsn(0x2101 + i), RandomHistory.START);
            }
            writer.publishGap(RandomHistory.START, "zebra-gap");
        }
        Archive.receipts(objects, settings)
                .put("20260101.json", "{\"tenant\":\"zebra-tenant-1\"}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theArchiveIsSoundAndFolds() {
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
        assertThat(fold(FIRST, END).values()).containsExactly(row("1", "zebra-again"));
        assertThat(fold(Partition.SHARED, new Lsn(0xFFF)).values()).containsExactly(row("1", "zebra-value"));
        assertThat(keys("key/")).hasSize(4);
        assertThat(keys("checkpoint/")).hasSize(1);
        assertThat(Archive.receipts(objects, settings).get("20260101.json"))
                .hasValueSatisfying(json ->
                        assertThat(new String(json, StandardCharsets.UTF_8)).contains(MARK));
    }

    @Test
    void withoutKeysNothingIsReadable() {
        assertThat(found(objects)).isEmpty();
    }

    /** Otherwise the test before would prove nothing. */
    @Test
    void whatIsNotEncryptedIsFoundInEveryKindOfObject() {
        MemoryObjectStore plain = new MemoryObjectStore();
        write(plain, ArchiveFixture.settings(directory, 1 << 20, 3), 64);
        assertThat(found(plain).stream().map(key -> key.replaceAll("/.*", "")).distinct())
                .containsExactlyInAnyOrder(
                        "manifest", "checkpoint", "segment", "image", "table-image", "catalogue", "receipt");
    }

    /** Keys of objects in which the mark is, in their name, their bytes, what base64 hides or zstd unpacks. */
    private static List<String> found(ObjectStore objects) {
        List<String> found = new ArrayList<>();
        for (ObjectStore.ObjectSummary summary : objects.list("", "", 1000)) {
            byte[] bytes = objects.get(summary.key());
            if (summary.key().contains(MARK) || hasMark(bytes) || hasMarkInBase64(bytes) || hasMarkUnpacked(bytes)) {
                found.add(summary.key());
            }
        }
        return found;
    }

    private static boolean hasMark(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains(MARK);
    }

    private static boolean hasMarkInBase64(byte[] bytes) {
        Matcher text = BASE64.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        boolean found = false;
        while (text.find()) {
            byte[] decoded = Base64.getMimeDecoder().decode(text.group());
            found |= hasMark(decoded) || hasMarkUnpacked(decoded);
        }
        return found;
    }

    private static boolean hasMarkUnpacked(byte[] bytes) {
        for (int at = 0; at + 4 < bytes.length; at++) {
            if (ByteBuffer.wrap(bytes).getInt(at) == 0x28B52FFD) {
                byte[] frame = Arrays.copyOfRange(bytes, at, bytes.length);
                long size = Zstd.findFrameCompressedSize(frame);
                if (!Zstd.isError(size) && hasMark(Zstd.decompress(Arrays.copyOf(frame, (int) size), 1 << 20))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void everyFlippedBitOfASegmentOrAKeyIsRefused() {
        objects = new MemoryObjectStore();
        write(objects, settings, 0);
        for (String key : List.of(keys("segment/").getFirst(), dataKey(FIRST), "keyring")) {
            byte[] whole = objects.get(key);
            for (int bit = 0; bit < whole.length * 8; bit++) {
                byte[] flipped = whole.clone();
                flipped[bit / 8] ^= (byte) (1 << (bit % 8));
                objects.replace(key, flipped);
                assertThat(isSound()).as("bit %d of %s", bit, key).isFalse();
            }
            objects.replace(key, whole);
        }
        assertThat(isSound()).isTrue();
    }

    private boolean isSound() {
        try {
            return Archive.check(objects, settings, false, CheckListener.SILENT).isSound();
        } catch (ReinstateException e) {
            return false;
        }
    }

    @Test
    void aBlockIsRefusedAnywhereElse() {
        Entry.Segment first = segment(0);
        Entry.Segment second = segment(1);
        move(first, FIRST, first, SECOND); // another tenant
        assertRefused(first, SECOND);
        move(first, FIRST, second, FIRST); // another object
        assertRefused(second, FIRST);
        move(second, SECOND, first, FIRST); // both
        assertRefused(first, FIRST);
    }

    /** Puts one block's payload in another's place, with every checksum computed anew. */
    private void move(Entry.Segment from, Partition source, Entry.Segment to, Partition target) {
        write();
        byte[] payload = payload(from, source);
        Block place = block(to, target);
        assertThat(payload).as("blocks of one size").hasSize(place.header.storedLength());
        byte[] whole = objects.get(to.object().key());
        put(whole, place, payload, to.object().id());
        objects.replace(to.object().key(), whole);
    }

    private static void put(byte[] whole, Block place, byte[] payload, ObjectId id) {
        System.arraycopy(payload, 0, whole, place.offset + BlockHeader.BYTES, payload.length);
        ByteBuffer bytes = ByteBuffer.wrap(whole);
        bytes.putInt(place.offset + 44, crc(payload));
        bytes.putInt(
                place.offset + 48,
                crc(HexFormat.of().parseHex(id.hex()), Arrays.copyOfRange(whole, place.offset, place.offset + 48)));
    }

    private void assertRefused(Entry.Segment segment, Partition partition) {
        Lsn position = segment.commits().last();
        assertThatThrownBy(() -> fold(partition, position)).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED);
            assertThat(e.getMessage())
                    .contains("INV-20")
                    .contains(segment.object().key());
        });
        assertThat(isSound()).isFalse();
    }

    @Test
    void aBlockThatIsNotEncryptedIsRefused() {
        Entry.Segment segment = segment(0);
        Block place = block(segment, FIRST);
        byte[] whole = objects.get(segment.object().key());
        whole[place.offset + 1] = 0; // the flag
        put(whole, place, payload(segment, FIRST), segment.object().id());
        objects.replace(segment.object().key(), whole);
        assertRefused(segment, FIRST);
    }

    @Test
    void aSectionIsRefusedAnywhereElse() {
        Entry.Segment first = segment(0);
        Entry.Segment second = segment(1);
        byte[] source = objects.get(first.object().key());
        byte[] target = objects.get(second.object().key());
        int footer = target.length - 188;
        assertThat(source).as("objects of one layout").hasSize(target.length);
        byte[] id = HexFormat.of().parseHex(second.object().id().hex());
        for (int section = 0; section < 4; section++) {
            byte[] forged = target.clone();
            ByteBuffer bytes = ByteBuffer.wrap(forged);
            int at = (int) bytes.getLong(footer + 36 * section);
            int length = bytes.getInt(footer + 36 * section + 8);
            System.arraycopy(source, at, forged, at, length);
            byte[] stored = Arrays.copyOfRange(forged, at, at + length);
            bytes.putInt(footer + 36 * section + 16, crc(id, new byte[] {(byte) section}, stored));
            bytes.putInt(footer + 176, crc(Arrays.copyOfRange(forged, footer, footer + 176)));
            objects.replace(second.object().key(), forged);
            String name = "ection " + section;
            assertThat(Archive.check(objects, settings, false, CheckListener.SILENT)
                            .findings())
                    .as("section %d", section)
                    .anyMatch(finding -> finding.invariant().equals("INV-20")
                            && finding.what().contains(name));
        }
    }

    @Test
    void anEntryIsRefusedInAnotherPlace() {
        // the newest entries exchanged, with hashes and seals computed anew
        int last = (int) Archive.openReader(objects, settings).state().manifestNumber();
        String number = "\"number\":" + (last - 1) + ",";
        String other = text(Keys.manifest(last));
        String here = text(Keys.manifest(last - 1));
        Matcher moved = Pattern.compile("\"encrypted\":\"[^\"]+\"").matcher(other);
        assertThat(moved.find()).isTrue();
        String forged = here.replaceAll("\"encrypted\":\"[^\"]+\"", moved.group());
        assertThat(forged).contains(number);
        objects.replace(Keys.manifest(last - 1), Sealed.seal(forged.getBytes(StandardCharsets.UTF_8)));
        objects.delete(Keys.manifest(last));
        assertThatThrownBy(() -> Archive.openWriter(objects, settings))
                .hasMessageContaining("INV-20")
                .hasMessageContaining(Keys.manifest(last - 1));
        List<DamageListener.Workaround> heard = new ArrayList<>();
        ArchiveReader reader = Archive.openReader(objects, settings.withDamageListener(heard::add));
        assertThat(reader.state().manifestNumber()).isEqualTo(last - 2);
        assertThat(heard)
                .singleElement()
                .satisfies(one -> assertThat(one.damage()).contains("INV-20", Keys.manifest(last - 1)));
    }

    private String text(String key) {
        byte[] whole = objects.get(key);
        return new String(whole, 0, whole.length - 73, StandardCharsets.UTF_8);
    }

    @Test
    void aPartitionsKeyIsOfNoUseToAnother() {
        String first = dataKey(FIRST);
        String second = dataKey(SECOND);
        objects.replace(second, objects.get(first));
        assertThatThrownBy(() -> fold(SECOND, END)).hasMessageContaining("INV-21");
        String forged = text(first).replace(token(FIRST), token(SECOND));
        objects.replace(second, Sealed.seal(forged.getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> fold(SECOND, END)).hasMessageContaining("INV-20");
        assertThat(fold(FIRST, END).values()).containsExactly(row("1", "zebra-again"));
    }

    @Test
    void aLostKeyCostsItsPartitionOnly() {
        objects.delete(dataKey(FIRST));
        assertThatThrownBy(() -> fold(FIRST, END)).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED);
            assertThat(e.getMessage()).contains("INV-21").contains(dataKey(FIRST));
        });
        assertThat(fold(SECOND, new Lsn(0xFFF)).values()).containsExactly(row("1", "zebra-value"));
        assertThat(Archive.check(objects, settings, false, CheckListener.SILENT).findings())
                .isNotEmpty()
                .allSatisfy(finding -> {
                    assertThat(finding.invariant()).isEqualTo("INV-21");
                    assertThat(finding.tenants()).containsExactly("zebra-tenant-1");
                });
    }

    @Test
    void withoutTheMasterKeyOrWithAnotherItSaysWhichIsNeeded() {
        assertInvalid(ArchiveFixture.settings(directory, 1 << 20, 3), "no master key", "fixed:1");
        assertInvalid(settings.withMasterKey(() -> FixedKey.SECOND), "fixed:1", "fixed:2");
    }

    private void assertInvalid(ArchiveSettings wrong, String... parts) {
        for (Runnable opening : List.<Runnable>of(
                () -> Archive.openReader(objects, wrong),
                () -> Archive.openWriter(objects, wrong),
                () -> Archive.receipts(objects, wrong),
                () -> Archive.check(objects, wrong, false, CheckListener.SILENT))) {
            assertThatThrownBy(opening::run).isInstanceOfSatisfying(ReinstateException.class, e -> {
                assertThat(e.kind()).isEqualTo(FailureKind.INVALID);
                assertThat(e.getMessage()).contains(parts);
            });
        }
    }

    @Test
    void withoutTheKeyringItSaysSo() {
        objects.delete("keyring");
        assertThatThrownBy(() -> Archive.openReader(objects, settings))
                .isInstanceOfSatisfying(ReinstateException.class, e -> {
                    assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED);
                    assertThat(e.getMessage()).contains("keyring is not there").contains("put back a copy");
                });
    }

    @Test
    void aKeyringLeftByAnInterruptedCreationIsTakenOverOnlyByItsOwnKind() {
        MemoryObjectStore begun = new MemoryObjectStore();
        begun.putIfAbsent("keyring", objects.get("keyring"));
        assertThatThrownBy(() -> ArchiveFixture.create(begun, settings.withMasterKey(() -> FixedKey.SECOND)))
                .hasMessageContaining("of another archive");
        ArchiveFixture.create(begun, settings);
        assertThat(Archive.openReader(begun, settings).state().manifestNumber()).isEqualTo(1);

        MemoryObjectStore plain = new MemoryObjectStore();
        ArchiveFixture.create(plain, ArchiveFixture.settings(directory, 1 << 20, 9));
        MemoryObjectStore left = new MemoryObjectStore();
        left.putIfAbsent("keyring", plain.get("keyring"));
        assertThatThrownBy(() -> ArchiveFixture.create(left, settings)).hasMessageContaining("not encrypted");
    }

    private SortedMap<RandomHistory.RowId, Tuple> fold(Partition partition, Lsn position) {
        return ArchiveFixture.fold(Archive.openReader(objects, settings), partition, position);
    }

    /** Where a block is, and its header. */
    private record Block(int offset, BlockHeader header) {}

    private Block block(Entry.Segment segment, Partition partition) {
        Snapshot snapshot =
                StoredArchiveReader.open(new ArchiveObjects(objects), settings).snapshot();
        ObjectTail tail = snapshot.objects().tail(segment);
        IndexSection.Entry entry = tail.index().find(snapshot.token(partition));
        byte[] whole = objects.get(segment.object().key());
        int offset = (int) entry.offset();
        return new Block(
                offset, BlockHeader.read(whole, offset, segment.object().id(), entry.firstBlock()));
    }

    private byte[] payload(Entry.Segment segment, Partition partition) {
        Block block = block(segment, partition);
        int from = block.offset + BlockHeader.BYTES;
        return Arrays.copyOfRange(objects.get(segment.object().key()), from, from + block.header.storedLength());
    }

    private Entry.Segment segment(int number) {
        return StoredArchiveReader.open(new ArchiveObjects(objects), settings)
                .snapshot()
                .history()
                .segments()
                .get(number);
    }

    private String token(Partition partition) {
        return StoredArchiveReader.open(new ArchiveObjects(objects), settings)
                .snapshot()
                .token(partition)
                .toString();
    }

    private String dataKey(Partition partition) {
        return "key/" + token(partition);
    }

    private List<String> keys(String prefix) {
        return objects.list(prefix, "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    private static int crc(byte[]... parts) {
        CRC32C crc = new CRC32C();
        for (byte[] part : parts) {
            crc.update(part, 0, part.length);
        }
        return (int) crc.getValue();
    }

    private static Tuple row(String id, String text) {
        return Tuple.ofTexts(List.of(Optional.of(id), Optional.of(text)));
    }

    private static RowKey key(String id) {
        return RowKey.of(TABLE, row(id, "x"));
    }
}
