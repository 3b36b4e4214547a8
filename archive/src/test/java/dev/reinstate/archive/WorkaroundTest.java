package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever single object is damaged: what the check says remains is read exactly as it was written, and what it says is
 * lost fails with damage; nothing is ever read wrongly, and no older image is used without a word.
 */
final class WorkaroundTest {
    private static final long SEED = Long.getLong("reinstate.seed", 77);

    @TempDir
    Path directory = Path.of("");

    private final Random random = new Random(SEED);
    private final MemoryObjectStore objects = new MemoryObjectStore();
    private final List<DamageListener.Workaround> heard = new ArrayList<>();
    /** What every partition has at positions of which that is known. */
    private final Map<Lsn, Map<Partition, SortedMap<RandomHistory.RowId, Tuple>>> truth = new HashMap<>();

    private ArchiveSettings settings = ArchiveSettings.defaults(directory);
    private Lsn secondImage = Lsn.ZERO;
    private String lastManifest = "";

    @BeforeEach
    void writeAnArchive() {
        settings = ArchiveFixture.settings(directory, 1 << 20, SEED, true).withDamageListener(heard::add);
        RandomHistory history = new RandomHistory(SEED, 3, 40);
        history.fill(40);
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            publish(writer, history);
            publish(writer, history);
            Lsn rewritten = history.rewrite(100);
            writer.publishPosition(history.lsn(), RandomHistory.START.plusSeconds(500));
            try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, rewritten)) {
                image.publish(history.lsn(), RandomHistory.START.plusSeconds(500));
            }
            publish(writer, history);
            secondImage = history.lsn();
            ArchiveFixture.publishImage(writer, history);
            publish(writer, history);
            writer.publishGap(RandomHistory.START.plusSeconds(700), "a hole");
            history.rewrite(200);
            ArchiveFixture.publishImage(writer, history);
            publish(writer, history);
        }
        lastManifest = keys().stream()
                .filter(key -> key.startsWith(Keys.MANIFESTS))
                .max(String::compareTo)
                .orElseThrow();
        System.out.println("seed " + SEED + ", " + keys().size() + " objects");
    }

    private void publish(ArchiveWriter writer, RandomHistory history) {
        ArchiveFixture.publishSegment(writer, history, 4)
                .forEach(transaction -> truth.put(transaction.commit().commitLsn(), transaction.after()));
    }

    private List<String> keys() {
        return objects.list("", "", 1000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    @Test
    void whatRemainsIsExactAndWhatIsLostFails() {
        int lost = 0;
        for (String key : keys()) {
            byte[] whole = objects.get(key);
            for (UnaryOperator<byte[]> harm : harms()) {
                byte[] harmed = harm.apply(whole);
                if (harmed.length == 0) {
                    objects.delete(key);
                } else {
                    objects.replace(key, harmed);
                }
                lost += assertExact(key);
                objects.delete(key);
                objects.putIfAbsent(key, whole);
            }
        }
        assertThat(lost).isGreaterThan(100);
        assertThat(Archive.check(objects, settings, true, CheckListener.SILENT).findings())
                .isEmpty();
    }

    private List<UnaryOperator<byte[]>> harms() {
        return List.of(
                whole -> new byte[0],
                whole -> Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1)),
                this::flipped,
                this::flipped,
                this::flipped,
                whole -> Arrays.copyOf(whole, whole.length + 1));
    }

    private byte[] flipped(byte[] whole) {
        byte[] flipped = whole.clone();
        flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }

    /** How many folds were rightly said to be lost. */
    private int assertExact(String key) {
        CheckReport report = Archive.check(objects, settings, false, CheckListener.SILENT);
        if (report.restorable().isEmpty() && report.losses().isEmpty()) {
            assertThatThrownBy(() -> Archive.openReader(objects, settings))
                    .as("without %s", key)
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
            return 0;
        }
        ArchiveReader reader = Archive.openReader(objects, settings);
        int lost = 0;
        List<Map.Entry<Lsn, Map<Partition, SortedMap<RandomHistory.RowId, Tuple>>>> some =
                new ArrayList<>(truth.entrySet());
        Collections.shuffle(some, random);
        for (var at : some.subList(0, 6)) {
            for (var rows : at.getValue().entrySet()) {
                String as = "fold of " + rows.getKey() + " at " + at.getKey() + " with damaged " + key + ": " + report;
                if (isLost(report, rows.getKey(), at.getKey())) {
                    lost++;
                    assertThatThrownBy(() -> ArchiveFixture.fold(reader, rows.getKey(), at.getKey()))
                            .as(as)
                            .isInstanceOfSatisfying(ReinstateException.class, e -> {
                                assertThat(e.kind()).as(as).isEqualTo(FailureKind.DAMAGED);
                                assertThat(e.what()).as(as).contains(key);
                            });
                } else if (reader.ranges().stream()
                        .noneMatch(range -> !at.getKey().isBefore(range.firstPosition())
                                && at.getKey().isBefore(range.to()))) {
                    // nobody can know that the newest manifest is missing
                    assertThat(key).as(as).isEqualTo(lastManifest);
                } else {
                    heard.clear();
                    assertThat(ArchiveFixture.fold(reader, rows.getKey(), at.getKey()))
                            .as(as)
                            .isEqualTo(rows.getValue());
                    assertThat(heard)
                            .as(as)
                            .allSatisfy(one -> assertThat(one.damage()).contains(key));
                }
            }
        }
        return lost;
    }

    static boolean isLost(CheckReport report, Partition partition, Lsn position) {
        return report.losses().stream()
                .filter(loss -> loss.tenants().isEmpty() || loss.tenants().contains(Findings.label(partition)))
                .flatMap(loss -> loss.lost().stream())
                .anyMatch(lost -> !position.isBefore(lost.from()) && position.isBefore(lost.to()));
    }

    @Test
    void anOlderImageIsUsedInsteadOfADamagedOneAndThatIsSaid() {
        String image = keys().stream()
                .filter(key -> key.startsWith(Keys.IMAGES))
                .toList()
                .get(1);
        byte[] whole = objects.get(image);
        objects.delete(image);
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.isSound()).isFalse();
        assertThat(report.losses()).isEmpty();
        ArchiveReader reader = Archive.openReader(objects, settings);
        assertThat(report.restorable()).isEqualTo(reader.ranges());
        Lsn position = truth.keySet().stream()
                .filter(lsn -> lsn.isAfter(secondImage))
                .min(Lsn::compareTo)
                .orElseThrow();
        heard.clear();
        ArchiveFixture.assertFolds(reader, position, Objects.requireNonNull(truth.get(position)));
        assertThat(heard).hasSize(5).allSatisfy(one -> {
            assertThat(one.damage()).contains(image);
            assertThat(one.instead()).contains("used instead: the image at ");
        });
        objects.putIfAbsent(image, whole);
    }

    @Test
    void aBlockOfAnImageThatIsDamagedCostsNobodyAndWarnsOneTenantOnly() {
        TenantId tenant = new TenantId("site-1");
        Snapshot snapshot =
                StoredArchiveReader.open(new ArchiveObjects(objects), settings).snapshot();
        var part = snapshot.history().images().get(1).parts().getFirst();
        long block = snapshot.objects()
                .tail(part)
                .index()
                .find(snapshot.token(Partition.of(tenant)))
                .offset();
        byte[] bytes = objects.get(part.object().key());
        bytes[(int) block + 60] ^= 1;
        objects.replace(part.object().key(), bytes);
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.tenants()).containsExactly(tenant.value()));
        assertThat(report.losses()).isEmpty();
        ArchiveReader reader = Archive.openReader(objects, settings);
        Lsn position = truth.keySet().stream()
                .filter(lsn -> lsn.isAfter(secondImage))
                .min(Lsn::compareTo)
                .orElseThrow();
        heard.clear();
        ArchiveFixture.assertFolds(reader, position, Objects.requireNonNull(truth.get(position)));
        assertThat(heard).hasSize(1);
    }

    @Test
    void tenantsAreListedBesideDamage() {
        String segment = keys().stream()
                .filter(key -> key.startsWith(Keys.SEGMENTS))
                .toList()
                .getFirst();
        objects.delete(segment);
        ArchiveReader reader = Archive.openReader(objects, settings);
        assertThat(reader.unknown(List.of(new TenantId("site-2"), new TenantId("site-0"))))
                .isEmpty();
        assertThat(heard).as("what the image shows needs no segment").isEmpty();
        assertThatThrownBy(() -> reader.unknown(List.of(new TenantId("site-0"), new TenantId("nobody"))))
                .as("the segment might name them")
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED))
                .hasMessageContaining(segment);
        heard.clear();
        assertThat(reader.tenants())
                .extracting(summary -> summary.tenant().value())
                .containsExactly("site-0", "site-1", "site-2");
        assertThat(heard)
                .singleElement()
                .satisfies(one -> assertThat(one.damage()).contains(segment));
    }
}
