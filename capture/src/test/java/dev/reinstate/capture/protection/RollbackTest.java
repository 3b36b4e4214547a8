package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveHead;
import dev.reinstate.archive.ArchiveLoss;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.replication.SourceNote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An archive that is not what it was is noticed, whatever of it is gone, before anything is written to it. */
class RollbackTest extends ServerTest {
    private CaptureHarness captured(String name) {
        CaptureHarness shop = new CaptureHarness(server, name, ShopSchema.DDL, ShopSchema.map(), directory);
        shop.run("INSERT INTO public.site VALUES ('a', 'A', NULL), ('b', 'B', NULL);"
                + " INSERT INTO public.project VALUES (1, 'a', 'p', NULL, NULL), (2, 'b', 'p', NULL, NULL)");
        shop.start();
        for (int i = 0; i < 3; i++) {
            shop.run("UPDATE public.project SET name = 'change " + i + "' WHERE id = 1");
            shop.quiesced();
        }
        shop.stop();
        return shop;
    }

    /** As it was when that was its last entry; what no manifest names may well be there. */
    private static ObjectStore cutAfter(ObjectStore objects, long number) {
        ObjectStore cut = new MemoryObjectStore();
        objects.list("", "", 100_000).stream()
                .filter(object -> !(object.key().startsWith("manifest/")
                                || object.key().startsWith("checkpoint/"))
                        || Long.parseLong(object.key().substring(object.key().indexOf('/') + 1)) <= number)
                .forEach(object -> cut.putIfAbsent(object.key(), objects.get(object.key())));
        return cut;
    }

    private static KnownHeads sourceOnly(CaptureHarness shop) {
        return KnownHeads.read(shop.sql, shop.settings.names(), Path.of("/nowhere"));
    }

    private static void assertRefused(CaptureHarness shop, FailureKind kind, String why) {
        int before = shop.objects.list("", "", 100_000).size();
        CaptureHarness.Running refused = shop.start();
        assertThatThrownBy(() -> refused.end().join()).cause().isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.why()).contains(why);
            assertThat(e.next()).contains("--accept-loss");
        });
        shop.forget();
        assertThat(shop.objects.list("", "", 100_000)).hasSize(before);
    }

    @Test
    void anArchiveCutAtAnyEntryIsNoticedAndWhatIsGoneIsSaid() throws Exception {
        try (CaptureHarness shop = captured("cut")) {
            ArchiveHead head =
                    Archive.openReader(shop.objects, shop.archiveSettings).head();
            assertThat(sourceOnly(shop).inSource()).contains(head);
            KnownHeads fileOnly = KnownHeads.local(shop.settings.headFile());
            assertThat(fileOnly.inFile()).contains(head);
            for (KnownHeads known : List.of(sourceOnly(shop), fileOnly)) {
                for (long last = 1; last < head.number(); last++) {
                    ArchiveReader cut = Archive.openReader(cutAfter(shop.objects, last), shop.archiveSettings);
                    ArchiveLoss loss = known.lossOf(cut).orElseThrow();
                    assertThat(loss.kind()).isEqualTo(ArchiveLoss.Kind.CUT_BACK);
                    assertThat(loss.found()).isEqualTo(cut.head());
                    assertThat(loss.text()).contains("it ends at entry " + last + " and had " + head.number());
                }
                assertThat(known.lossOf(Archive.openReader(shop.objects, shop.archiveSettings)))
                        .isEmpty();
            }
        }
    }

    @Test
    void captureGoesOnWithoutThemOnlyWhenToldToAndOnlyOnce() throws Exception {
        try (CaptureHarness shop = captured("accepted")) {
            ArchiveReader whole = Archive.openReader(shop.objects, shop.archiveSettings);
            ArchiveState.Range range = whole.ranges().getFirst();
            shop.run("UPDATE public.project SET name = 'while nobody looks' WHERE id = 2");
            shop.objects = cutAfter(shop.objects, whole.head().number() - 3);
            assertRefused(shop, FailureKind.DAMAGED, "history from ");
            shop.settings = shop.settings.withAcceptLoss(true);
            shop.start();
            shop.requireFoldEqualsOracle("after the new image", keyed());
            ArchiveReader after = shop.quiesced();
            assertThat(after.state().gaps())
                    .singleElement()
                    .satisfies(gap -> assertThat(gap.reason()).contains("not what it had been"));
            assertThat(after.ranges()).hasSize(2);
            assertThat(after.ranges().getFirst().from()).isEqualTo(range.from());
            assertThat(shop.folded(after, range.firstPosition())).isNotEmpty();
            shop.stop();
            shop.settings = shop.settings.withAcceptLoss(false);
            shop.start();
            shop.requireFoldEqualsOracle("without a word more", keyed());
            assertThat(shop.quiesced().state().gaps()).hasSize(1);
        }
    }

    @Test
    void ofTwoWritersOnTwoCopiesOnlyOneGoesOn() throws Exception {
        try (CaptureHarness shop = captured("divergent")) {
            ObjectStore one = shop.objects;
            ObjectStore other = cutAfter(one, Long.MAX_VALUE);
            shop.start();
            shop.quiesced();
            shop.stop();
            Files.delete(shop.settings.headFile());
            shop.objects = other;
            assertRefused(shop, FailureKind.DAMAGED, "it ends at entry");
            long reached = Archive.openReader(one, shop.archiveSettings).head().number();
            while (Archive.openReader(other, shop.archiveSettings).head().number() <= reached) {
                Archive.openWriter(other, shop.archiveSettings).close();
            }
            assertRefused(shop, FailureKind.DAMAGED, "went another way");
            shop.objects = one;
            shop.start();
            shop.requireFoldEqualsOracle("the one that went on", keyed());
            assertThat(shop.quiesced().state().gaps()).isEmpty();
        }
    }

    @Test
    void anotherArchiveInItsPlaceIsRefused() throws Exception {
        try (CaptureHarness shop = captured("replaced")) {
            shop.objects = new MemoryObjectStore();
            Archive.create(shop.objects, Database.identity(shop.sql), shop.map, shop.archiveSettings);
            assertRefused(shop, FailureKind.REFUSED, "and it was archive");
            assertThatThrownBy(() -> KnownHeads.requireNone(shop.sql, shop.settings.names()))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.REFUSED));
            shop.settings = shop.settings.withAcceptLoss(true);
            shop.start();
            shop.requireFoldEqualsOracle("in the new archive", keyed());
            shop.stop();
            assertThat(sourceOnly(shop).inSource())
                    .contains(Archive.openReader(shop.objects, shop.archiveSettings)
                            .head());
            CaptureHarness.awaitTrue("the slot to be free", () -> Unprotect.run(shop.sql, shop.settings.names()));
            assertThat(SourceNote.read(shop.sql, shop.settings.names())).isEmpty();
            KnownHeads.requireNone(shop.sql, shop.settings.names());
        }
    }

    /** What cannot be written down is said once, and holds nothing up. */
    @Test
    void aRoleThatMayNotCommentCapturesAllTheSame() throws Exception {
        try (CaptureHarness shop = captured("no_comment")) {
            List<String> said = new ArrayList<>();
            shop.run("DROP PUBLICATION reinstate_no_comment_rows");
            HeadRecord record = new HeadRecord(
                    Archive.openWriter(shop.objects, shop.archiveSettings),
                    shop.settings.names(),
                    shop.settings.headFile(),
                    new dev.reinstate.capture.CaptureListener() {
                        @Override
                        public void headNotTold(ReinstateException failure) {
                            said.add(failure.why());
                        }
                    });
            record.tell(shop.sql);
            record.tell(shop.sql);
            assertThat(said).hasSize(1);
            assertThat(KnownHeads.local(shop.settings.headFile()).inFile())
                    .contains(Archive.openReader(shop.objects, shop.archiveSettings)
                            .head());
        }
    }

    private static List<String> keyed() {
        List<String> tables = new ArrayList<>(ShopSchema.tables());
        tables.removeAll(ShopSchema.KEYLESS);
        return tables;
    }
}
