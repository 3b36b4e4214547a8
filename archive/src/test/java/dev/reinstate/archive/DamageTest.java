package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Stored bytes change behind the archive's back. */
@ParameterizedClass(name = "encrypted {0}")
@ValueSource(booleans = {false, true})
final class DamageTest {
    private static final long SEED = 21;

    @Parameter
    boolean encrypted;

    @TempDir
    Path directory = Path.of("");

    private MemoryObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);
    private final List<RandomHistory.Transaction> transactions = new ArrayList<>();
    private final Map<Partition, SortedMap<RandomHistory.RowId, Tuple>> rewrittenRows = new HashMap<>();

    @BeforeEach
    void writeAnArchive() {
        settings = ArchiveFixture.settings(directory, 1 << 20, SEED, encrypted);
        objects = new MemoryObjectStore();
        transactions.clear();
        RandomHistory history = new RandomHistory(SEED, 3, 30);
        history.fill(30);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            transactions.addAll(ArchiveFixture.publishSegment(writer, history, 6));
            transactions.addAll(ArchiveFixture.publishSegment(writer, history, 6));
            writer.publishTableVersions(history.tableVersions());
            Lsn rewritten = history.rewrite(100);
            writer.publishPosition(history.lsn(), RandomHistory.START.plusSeconds(98));
            try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, rewritten)) {
                image.publish(history.lsn(), RandomHistory.START.plusSeconds(98));
            }
            rewrittenRows.clear();
            rewrittenRows.putAll(history.rows);
            writer.publishPosition(new Lsn(history.lsn().value() + 1), RandomHistory.START.plusSeconds(99));
        }
        Archive.receipts(objects, settings).put("r1", "{}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void lostDefinitionsCostNoMoment() {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            writer.publishDefinitions(ArchiveFixture.definitions(writer.state().durableTo()));
        }
        assertThat(check().findings()).isEmpty();
        List<ArchiveState.Range> restorable = check().restorable();
        String key = key("definitions/", 0);
        byte[] bytes = objects.get(key);
        objects.delete(key);
        for (boolean missing : List.of(true, false)) {
            if (!missing) {
                bytes[bytes.length / 2] ^= 4;
                objects.putIfAbsent(key, bytes);
            }
            assertThat(check().findings()).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(CheckReport.Severity.DAMAGE);
                assertThat(finding.object()).isEqualTo(key);
            });
            assertThat(check().restorable()).isEqualTo(restorable);
        }
    }

    private CheckReport check() {
        return Archive.check(objects, settings, true, CheckListener.SILENT);
    }

    private List<String> keys() {
        return objects.list("", "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    private String key(String prefix, int index) {
        return keys().stream().filter(key -> key.startsWith(prefix)).toList().get(index);
    }

    @Test
    void anUnharmedArchiveIsSound() {
        CheckReport report = check();
        assertThat(report.findings()).isEmpty();
        assertThat(report.restorable())
                .isEqualTo(Archive.openReader(objects, settings).ranges());
        assertThat(report.manifests()).isEqualTo(9);
        assertThat(report.objects()).isEqualTo(5);
        assertThat(report.records()).isGreaterThan(30);
    }

    private boolean isNoticed() {
        try {
            return Archive.check(objects, settings, false, CheckListener.SILENT).findings().stream()
                    .anyMatch(finding -> finding.severity() != CheckReport.Severity.HARMLESS);
        } catch (ReinstateException e) {
            // a manifest whose version field was flipped and sealed again would be refused
            return e.kind() == FailureKind.DAMAGED || e.kind() == FailureKind.REFUSED;
        }
    }

    @Test
    void everyMissingObjectIsFound() {
        for (String key : keys()) {
            if (key.startsWith(Keys.RECEIPTS) || key.equals(Keys.manifest(9))) {
                continue; // the newest manifest: see below
            }
            byte[] whole = objects.get(key);
            objects.delete(key);
            assertThat(isNoticed()).as("without %s", key).isTrue();
            objects.putIfAbsent(key, whole);
        }
    }

    @Test
    void exchangedObjectsAreFound() {
        String first = key(Keys.SEGMENTS, 0);
        String second = key(Keys.SEGMENTS, 1);
        byte[] bytes = objects.get(first);
        objects.replace(first, objects.get(second));
        objects.replace(second, bytes);
        assertThat(check().isSound()).isFalse();
        assertThatThrownBy(() -> ArchiveFixture.fold(
                        Archive.openReader(objects, settings),
                        Partition.of(new TenantId("site-1")),
                        transactions.getLast().commit().commitLsn()))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
    }

    @Test
    void aSegmentWithoutItsManifestIsNamed() {
        for (int number = 9; number >= 5; number--) {
            objects.delete(Keys.manifest(number));
        }
        CheckReport report = check();
        assertThat(report.isSound()).isTrue();
        assertThat(report.findings()).allSatisfy(finding -> {
            assertThat(finding.invariant()).isEqualTo("INV-17");
            assertThat(finding.what()).contains("unless manifests were removed");
        });
        assertThat(report.findings())
                .extracting(CheckReport.Finding::object)
                .containsExactlyInAnyOrder(key(Keys.SEGMENTS, 1), key(Keys.TABLE_IMAGES, 0), key(Keys.CATALOGUE, 0));
    }

    @Test
    void aForeignKeyringIsRefused() {
        MemoryObjectStore other = new MemoryObjectStore();
        ArchiveFixture.create(other, ArchiveFixture.settings(directory, 1 << 20, SEED + 1, encrypted));
        objects.replace("keyring", other.get("keyring"));
        assertThatThrownBy(() -> Archive.openReader(objects, settings))
                .hasMessageContaining(encrypted ? "another archive's keyring" : "INV-14");
    }

    @Test
    void damageNamesTenantAndMoments() {
        String segment = key(Keys.SEGMENTS, 1);
        byte[] bytes = objects.get(segment);
        TenantId tenant = new TenantId("site-1");
        bytes[(int) firstBlockOf(tenant) + 52 + 3] ^= 1; // in its payload
        objects.replace(segment, bytes);
        CheckReport report = check();
        CheckReport.Finding finding = report.findings().getFirst();
        assertThat(finding.severity()).isEqualTo(CheckReport.Severity.DAMAGE);
        assertThat(finding.invariant()).isEqualTo("INV-9");
        assertThat(finding.object()).isEqualTo(segment);
        assertThat(finding.tenants()).containsExactly(tenant.value());
        assertThat(finding.moments().from())
                .isEqualTo(transactions.get(6).commit().commitLsn());
        assertThat(report.restorable())
                .singleElement()
                .satisfies(range -> assertThat(range.to())
                        .isEqualTo(transactions.get(6).commit().commitLsn()));
        // what the check calls restorable is
        ArchiveReader reader = Archive.openReader(objects, settings);
        ArchiveFixture.assertFolds(
                reader,
                transactions.get(5).commit().commitLsn(),
                transactions.get(5).after());
    }

    @Test
    void withoutATableImageWhatIsBeforeItStaysRestorable() {
        Lsn position = Archive.openReader(objects, settings).state().durableTo().previous();
        ArchiveFixture.assertFolds(Archive.openReader(objects, settings), position, rewrittenRows);
        objects.delete(key(Keys.TABLE_IMAGES, 0));
        CheckReport report = check();
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(CheckReport.Severity.DAMAGE);
            assertThat(finding.invariant()).isEqualTo("INV-3");
            assertThat(finding.tenants()).isEmpty();
            assertThat(finding.moments().from()).isEqualTo(new Lsn(position.value() - 1));
        });
        assertThat(report.restorable())
                .singleElement()
                .satisfies(range -> assertThat(range.to()).isEqualTo(new Lsn(position.value() - 1)));
        ArchiveReader reader = Archive.openReader(objects, settings);
        ArchiveFixture.assertFolds(
                reader,
                transactions.getLast().commit().commitLsn(),
                transactions.getLast().after());
        assertThatThrownBy(() -> ArchiveFixture.fold(reader, Partition.SHARED, position))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
    }

    @Test
    void aLostCatalogueObjectIsDamageThatCostsNoMoment() {
        ArchiveReader before = Archive.openReader(objects, settings);
        String lost = key(Keys.CATALOGUE, 0);
        objects.delete(lost);
        CheckReport report = check();
        assertThat(report.isSound()).isFalse();
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.invariant()).isEqualTo("INV-3");
            assertThat(finding.moments().isEmpty()).isTrue();
        });
        assertThat(report.restorable()).isEqualTo(before.ranges());
        assertThatThrownBy(before::catalogueHistory)
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
        assertThat(before.salvagedCatalogueHistory().lost())
                .singleElement()
                .asString()
                .contains(lost);
    }

    @Test
    void aTableImageWithRowsOfAnotherTableIsFound() {
        assumeFalse(encrypted, "nobody can rewrite an entry without keys");
        byte[] whole = objects.get(Keys.manifest(8));
        String text = new String(whole, StandardCharsets.UTF_8);
        assertThat(text).contains("\"oid\":100");
        byte[] content = text.substring(0, whole.length - 73)
                .replace("\"oid\":100", "\"oid\":101")
                .getBytes(StandardCharsets.UTF_8);
        objects.replace(Keys.manifest(8), Sealed.seal(content));
        objects.delete(Keys.manifest(9)); // it would not follow any more
        assertThat(check().findings())
                .first()
                .satisfies(finding -> assertThat(finding.invariant()).isEqualTo("INV-19"));
    }

    private long firstBlockOf(TenantId tenant) {
        Snapshot snapshot =
                StoredArchiveReader.open(new ArchiveObjects(objects), settings).snapshot();
        return snapshot.objects()
                .tail(snapshot.history().segments().get(1))
                .index()
                .find(snapshot.token(Partition.of(tenant)))
                .offset();
    }
}
