package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.CheckListener;
import dev.reinstate.archive.CheckReport;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Objects of the archive are lost, and capture goes on. */
class DamagedArchiveTest extends SilentShop {
    private final List<String> lostCatalogue = new CopyOnWriteArrayList<>();

    private CaptureHarness damagedShop(String name) {
        CaptureHarness shop = shop(name);
        shop.listener = CaptureListener.all(List.of(ears, new CaptureListener() {
            @Override
            public void catalogueDamaged(List<String> lost) {
                lostCatalogue.addAll(lost);
            }
        }));
        return shop;
    }

    private static List<String> keys(CaptureHarness shop, String prefix) {
        return shop.objects.list(prefix, "", 10_000).stream()
                .map(ObjectStore.ObjectSummary::key)
                .toList();
    }

    @Test
    void aLostCatalogueIsWrittenAnewWithANewImage() throws Exception {
        try (CaptureHarness shop = damagedShop("lost_catalogue")) {
            shop.start();
            settled(shop);
            ArchiveReader before = shop.quiesced();
            Lsn then = CaptureHarness.end(before);
            SortedMap<String, List<String>> rows = shop.folded(before, then);
            shop.stop();
            keys(shop, "catalogue/").forEach(shop.objects::delete);
            shop.run("UPDATE note SET body = 'seen' WHERE id = 2; ALTER TABLE note ADD priority int DEFAULT 3");
            shop.start();
            shop.requireFoldEqualsOracle("after", tables());
            assertThat(lostCatalogue).isNotEmpty().allMatch(line -> line.contains("catalogue/"));
            assertThat(ears.gaps).singleElement().asString().contains("catalogue history is damaged");
            assertThat(shop.folded(shop.quiesced(), then)).isEqualTo(rows);
            shop.stop();
            shop.start();
            shop.run("UPDATE note SET body = 'seen too' WHERE id = 4");
            shop.requireFoldEqualsOracle("started again", tables());
            assertThat(ears.gaps).hasSize(1);
        }
    }

    @Test
    void afterLostSegmentsANewImageMakesEveryMomentRestorableAgain() throws Exception {
        try (CaptureHarness shop = damagedShop("lost_segments")) {
            shop.start();
            settled(shop);
            ArchiveReader before = shop.quiesced();
            Lsn then = CaptureHarness.end(before);
            SortedMap<String, List<String>> rows = shop.folded(before, then);
            List<String> old = keys(shop, "segment/");
            shop.run("UPDATE note SET body = 'lost'");
            shop.quiesced();
            shop.stop();
            keys(shop, "segment/").stream().filter(key -> !old.contains(key)).forEach(shop.objects::delete);
            deleteTree(shop.settings.indexDirectory());
            CaptureHarness.Running failed = shop.start();
            CaptureHarness.awaitTrue("capture to end", failed.end()::isDone);
            requireHealable(failed.end().handle((done, e) -> e).join());
            shop.forget();

            var asked = shop.settings;
            shop.settings = asked.withNewImage(true);
            shop.start();
            ArchiveReader healing = Archive.openReader(shop.objects, shop.archiveSettings);
            CaptureHarness.awaitTrue("the new image", () -> {
                shop.requireRunning();
                healing.refresh();
                return healing.ranges().size() == 2;
            });
            shop.requireFoldEqualsOracle("after", tables());
            ArchiveReader after = shop.quiesced();
            Lsn now = CaptureHarness.end(after);
            assertThat(shop.folded(after, then)).isEqualTo(rows);
            shop.stop();
            CheckReport report = Archive.check(shop.objects, shop.archiveSettings, true, CheckListener.SILENT);
            assertThat(report.isSound()).isFalse();
            assertThat(isLost(report, then)).isFalse();
            assertThat(isLost(report, now)).isFalse();
            assertThat(report.losses()).singleElement().satisfies(loss -> {
                assertThat(loss.tenants()).isEmpty();
                assertThat(loss.remaining()).hasSize(2);
            });
        }
    }

    private static boolean isLost(CheckReport report, Lsn position) {
        return report.losses().stream()
                .flatMap(loss -> loss.lost().stream())
                .anyMatch(lost -> !position.isBefore(lost.from()) && position.isBefore(lost.to()));
    }

    /** How capture ends that cannot go on. */
    private static void requireHealable(Throwable e) {
        Throwable cause = e instanceof CompletionException ? e.getCause() : e;
        assertThat(cause).isInstanceOfSatisfying(ReinstateException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(FailureKind.DAMAGED);
            assertThat(failure.next()).contains("--new-image");
        });
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
