package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the newest image is damaged, an image is made from an older one, and holds what it would have held. */
final class ImageBesideDamageTest {
    private static final RetentionPolicy NOW = new RetentionPolicy(Duration.ZERO, 1);

    @TempDir
    Path directory = Path.of("");

    private final List<DamageListener.Workaround> heard = new ArrayList<>();

    /** An archive with an image, one made from it, and changes since both. */
    private CompactionTest.Story story(long seed) {
        CompactionTest.Story story = new CompactionTest.Story(directory, seed);
        makeImage(story.objects, story.settings);
        story.publish(4);
        return story;
    }

    private ArchiveMaintenance.MadeImage makeImage(ObjectStore objects, ArchiveSettings settings) {
        heard.clear();
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings.withDamageListener(heard::add))) {
            ArchiveMaintenance.MadeImage made = maintenance.makeImage(true).orElseThrow();
            assertThat(maintenance.leftDamaged()).isEmpty();
            return made;
        }
    }

    private static List<Entry.Image> images(ObjectStore objects, ArchiveSettings settings) {
        return StoredArchiveReader.open(new ArchiveObjects(objects), settings)
                .snapshot()
                .history()
                .images();
    }

    private static List<Entry.Image> images(CompactionTest.Story story) {
        return images(story.objects, story.settings);
    }

    private static List<String> keys(Entry.Image image) {
        return image.parts().stream().map(part -> part.object().key()).toList();
    }

    private static void flip(MemoryObjectStore objects, String key, int at) {
        byte[] bytes = objects.get(key);
        bytes[at] ^= 4;
        objects.replace(key, bytes);
    }

    private static void putBack(MemoryObjectStore objects, String key, byte[] whole) {
        objects.delete(key);
        objects.putIfAbsent(key, whole);
    }

    /** That it is read, alone and whole, and that its rows are those of the store then. */
    private void assertHoldsTheRows(CompactionTest.Story story, ArchiveMaintenance.MadeImage made) {
        List<DamageListener.Workaround> met = List.copyOf(heard);
        heard.clear();
        assertThat(images(story).getLast().position()).isEqualTo(made.position());
        RandomHistory.Transaction last = story.all.getLast();
        assertThat(made.position().previous())
                .isGreaterThanOrEqualTo(last.commit().commitLsn());
        ArchiveFixture.assertFolds(
                Archive.openReader(story.objects, story.settings.withDamageListener(heard::add)),
                made.position().previous(),
                last.after());
        assertThat(made.rows())
                .isEqualTo(last.after().values().stream()
                        .mapToLong(java.util.Map::size)
                        .sum());
        assertThat(heard).isEmpty();
        heard.addAll(met);
    }

    private void assertSaid(String key, Entry.Image used) {
        assertThat(heard).anySatisfy(one -> {
            assertThat(one.damage()).contains(key);
            assertThat(one.instead()).contains("the image at " + used.position(), "every change since");
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void missingOrCutAnywhereTheImageBeforeServes(long seed) {
        for (int kept = -1; kept < 20; kept++) {
            CompactionTest.Story story = story(seed);
            Entry.Image before = images(story).getFirst();
            for (String key : keys(images(story).getLast())) {
                byte[] whole = story.objects.get(key);
                story.objects.delete(key);
                if (kept >= 0) {
                    story.objects.putIfAbsent(key, Arrays.copyOf(whole, whole.length * kept / 20));
                }
                ArchiveMaintenance.MadeImage made = makeImage(story.objects, story.settings);
                assertHoldsTheRows(story, made);
                assertSaid(key, before);
                assertThat(heard).hasSize(1);
                assertThat(images(story).getLast().base()).contains(before.position());
                putBack(story.objects, key, whole);
            }
            story.verify();
        }
    }

    /** Flips that matter to no row may pass. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whicheverBitIsFlippedTheImageHoldsTheRows(long seed) {
        Random random = new Random(seed);
        int workedAround = 0;
        int flips = 60;
        for (int i = 0; i < flips; i++) {
            CompactionTest.Story story = story(seed);
            String key = keys(images(story).getLast()).getFirst();
            byte[] whole = story.objects.get(key);
            int at = i < 2 ? whole.length - 1 - i : random.nextInt(whole.length);
            flip(story.objects, key, at);
            ArchiveMaintenance.MadeImage made = makeImage(story.objects, story.settings);
            assertHoldsTheRows(story, made);
            assertThat(heard).hasSizeLessThan(2);
            workedAround += heard.size();
            putBack(story.objects, key, whole);
            story.verify();
        }
        assertThat(workedAround).isGreaterThan(flips / 2);
    }

    /** Random images of the store, table images, gaps and merges; whenever an image is made, the newest one is damaged. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void everythingReadsAsBefore(long seed) {
        ArchiveSettings settings = ArchiveFixture.settings(directory, 1 << 20, seed, seed % 2 == 0);
        MemoryObjectStore objects = new MemoryObjectStore();
        RandomHistory history = new RandomHistory(seed, 4, 40);
        ArchiveFixture.create(objects, settings);
        history.fill(30);
        List<RandomHistory.Transaction> all = new ArrayList<>();
        int made = 0;
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            for (int step = 0; step < 60; step++) {
                CompactionTest.publishSomething(writer, history, all);
                if (step % 4 == 0) {
                    made += makeBesideDamage(objects, settings);
                }
                if (step % 7 == 0) {
                    try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings)) {
                        maintenance.compactOnce();
                    }
                }
            }
        }
        assertThat(made).isGreaterThan(3);
        CompactionTest.verify(Archive.openReader(objects, settings), all);
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.invariant().equals("INV-17")
                        && finding.object().startsWith(Keys.IMAGES));
    }

    /** @return how many images were made from another than the newest */
    private int makeBesideDamage(MemoryObjectStore objects, ArchiveSettings settings) {
        Snapshot snapshot =
                StoredArchiveReader.open(new ArchiveObjects(objects), settings).snapshot();
        Entry.Image newest = snapshot.history().images().getLast();
        Lsn end = snapshot.history().ranges().getLast().to().previous();
        boolean isAlone = end.isBefore(newest.position().previous())
                || snapshot.imagesFor(end).size() == 1;
        List<byte[]> whole = keys(newest).stream().map(objects::get).toList();
        if (!isAlone) {
            keys(newest).forEach(objects::delete);
        }
        heard.clear();
        int made = 0;
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, settings.withDamageListener(heard::add))) {
            made = maintenance.makeImage(true).isPresent() && !isAlone ? 1 : 0;
            assertThat(maintenance.leftDamaged()).isEmpty();
            assertThat(heard).hasSize(made);
        }
        for (int i = 0; i < whole.size(); i++) {
            putBack(objects, keys(newest).get(i), whole.get(i));
        }
        return made;
    }

    /** Beside a merged segment that is damaged as well, and of several images the newest that is whole. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void severalMayBeDamaged(long seed) {
        CompactionTest.Story story = story(seed);
        makeImage(story.objects, story.settings);
        story.publish(4);
        try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
            while (maintenance.compactOnce().isPresent()) {
                // until there is nothing to merge
            }
        }
        List<Entry.Image> images = images(story);
        assertThat(images).hasSize(3);
        flip(story.objects, keys(images.get(2)).getFirst(), 100);
        story.objects.delete(keys(images.get(1)).getFirst());
        Snapshot snapshot = StoredArchiveReader.open(new ArchiveObjects(story.objects), story.settings)
                .snapshot();
        Entry.Segment merged = snapshot.history().segments().stream()
                .filter(segment -> !snapshot.sources().of(segment).isEmpty())
                .findFirst()
                .orElseThrow();
        story.objects.delete(merged.object().key());
        ArchiveMaintenance.MadeImage made = makeImage(story.objects, story.settings);
        assertHoldsTheRows(story, made);
        assertSaid(keys(images.get(2)).getFirst(), images.getFirst());
        assertSaid(keys(images.get(1)).getFirst(), images.getFirst());
        assertThat(heard)
                .anyMatch(one -> one.damage().contains(merged.object().key())
                        && one.instead().contains("segments that it was merged from"));
    }

    private void assertLeft(ArchiveMaintenance maintenance, String... said) {
        heard.clear();
        for (int i = 0; i < 2; i++) {
            assertThat(maintenance.makeImage(true)).isEmpty();
            assertThat(maintenance.leftDamaged()).singleElement().satisfies(left -> {
                assertThat(left.kind()).isEqualTo(FailureKind.DAMAGED);
                assertThat(left.toString() + left.details()).contains(said);
            });
        }
        assertThat(heard).isEmpty();
    }

    /** Nothing is said to have been used instead, and what was written goes. */
    @Test
    void whereNoneIsWholeItIsLeft() {
        CompactionTest.Story story = story(1);
        List<Entry.Image> images = images(story);
        flip(story.objects, keys(images.getLast()).getFirst(), 100);
        flip(story.objects, keys(images.getFirst()).getFirst(), 100);
        int before = story.objects.list(Keys.IMAGES, "", 100).size();
        try (ArchiveMaintenance maintenance =
                CompactionTest.eager(story.objects, story.settings.withDamageListener(heard::add))) {
            assertLeft(maintenance, keys(images.getLast()).getFirst());
        }
        assertThat(story.objects.list(Keys.IMAGES, "", 100)).hasSize(before);
    }

    /** The image before needs it, and nothing stands in for it. */
    @Test
    void soIsWhatNeedsADamagedTableImage() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 1);
        try (ArchiveWriter writer = Archive.openWriter(story.objects, story.settings)) {
            Lsn rewritten = story.history.rewrite(100);
            writer.publishPosition(story.history.lsn(), RandomHistory.START);
            try (ImageWriter image = ArchiveFixture.tableImage(writer, story.history, 100, rewritten)) {
                image.publish(story.history.lsn(), RandomHistory.START);
            }
        }
        story.publish(2);
        makeImage(story.objects, story.settings);
        story.publish(2);
        String tableImage =
                story.objects.list(Keys.TABLE_IMAGES, "", 1).getFirst().key();
        String newest = keys(images(story).getLast()).getFirst();
        flip(story.objects, tableImage, 100);
        makeImage(story.objects, story.settings); // the newest has those rows
        assertHoldsTheRows(story, makeBeside(story, newest, tableImage));
    }

    private ArchiveMaintenance.MadeImage makeBeside(CompactionTest.Story story, String older, String tableImage) {
        story.publish(1);
        String newest = keys(images(story).getLast()).getFirst();
        byte[] whole = story.objects.get(older);
        flip(story.objects, newest, 100);
        story.objects.delete(older);
        try (ArchiveMaintenance maintenance =
                CompactionTest.eager(story.objects, story.settings.withDamageListener(heard::add))) {
            assertLeft(maintenance, newest, tableImage);
        }
        putBack(story.objects, older, whole);
        return makeImage(story.objects, story.settings);
    }

    @Test
    void soIsWhatNeedsTooManySegments() {
        CompactionTest.Story story = new CompactionTest.Story(directory, 1);
        story.publish(240);
        makeImage(story.objects, story.settings);
        story.publish(10);
        String newest = keys(images(story).getLast()).getFirst();
        story.objects.delete(newest);
        try (ArchiveMaintenance maintenance =
                CompactionTest.eager(story.objects, story.settings.withDamageListener(heard::add))) {
            assertLeft(maintenance, newest, "there are 260 segments");
            while (maintenance.compactOnce().isPresent()) {
                // until there is nothing to merge
            }
        }
        assertHoldsTheRows(story, makeImage(story.objects, story.settings));
    }

    /** Whose past is held has it afterwards, and it is no base: it has only rows of those who are held. */
    @ParameterizedTest
    @ValueSource(longs = {21, 22})
    void heldHistoryStaysAndIsNoBase(long seed) {
        KeptHistory kept = KeptHistory.withImages(directory, seed, 3);
        MemoryObjectStore objects = (MemoryObjectStore) kept.objects;
        try (ArchiveMaintenance maintenance = CompactionTest.eager(objects, kept.settings)) {
            kept.hold(maintenance, new TenantId("site-1"));
        }
        String newest = keys(images(objects, kept.settings).getLast()).getFirst();
        byte[] whole = objects.get(newest);
        objects.delete(newest);
        makeImage(objects, kept.settings);
        putBack(objects, newest, whole);
        try (ArchiveMaintenance maintenance =
                CompactionTest.eager(objects, kept.settings.withDamageListener(heard::add))) {
            assertThat(kept.letGo(maintenance, NOW)).isPresent();
            maintenance.removeReplaced(Duration.ZERO);
            kept.verify(Archive.openReader(objects, kept.settings));
            kept.requireSound();
            try (ArchiveWriter writer = Archive.openWriter(objects, kept.settings)) {
                kept.all.addAll(ArchiveFixture.publishSegment(writer, kept.history, 2));
            }
            List<String> left = images(objects, kept.settings).stream()
                    .flatMap(image -> keys(image).stream())
                    .toList();
            assertThat(objects.list(Keys.IMAGES, "", 100)).hasSizeGreaterThan(left.size());
            List<byte[]> wholes = left.stream().map(objects::get).toList();
            left.forEach(objects::delete);
            assertLeft(maintenance, left.getLast());
            for (int i = 0; i < left.size(); i++) {
                putBack(objects, left.get(i), wholes.get(i));
            }
        }
        makeImage(objects, kept.settings);
        kept.verify(Archive.openReader(objects, kept.settings));
        kept.requireSound();
    }

    @ParameterizedTest
    @EnumSource
    void killedAnywhereNothingIsLost(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            CompactionTest.Story story = story(6);
            String key = keys(images(story).getLast()).getFirst();
            byte[] whole = story.objects.get(key);
            // behind most rows
            flip(story.objects, key, whole.length * 2 / 3);
            FaultyObjectStore faulty = new FaultyObjectStore(story.objects);
            faulty.failCall(n, fault, true);
            boolean finished = false;
            try (ArchiveMaintenance maintenance = CompactionTest.eager(faulty, story.settings)) {
                assertThat(maintenance.makeImage(true)).isPresent();
                finished = true;
            } catch (ReinstateException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            }
            CompactionTest.verify(Archive.openReader(story.objects, story.settings), story.all);
            if (!finished) {
                try (ArchiveMaintenance maintenance = CompactionTest.eager(story.objects, story.settings)) {
                    maintenance.makeImage(true); // unless it was named before
                    assertThat(maintenance.leftDamaged()).isEmpty();
                }
            }
            assertThat(images(story)).hasSize(3);
            putBack(story.objects, key, whole);
            story.verify();
            if (finished) {
                assertThat(n).isGreaterThan(40);
                return;
            }
        }
    }
}
