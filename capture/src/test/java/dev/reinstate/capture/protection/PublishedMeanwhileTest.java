package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Tables that are published while the server is still about to give a snapshot: what it did not wait for is not lost. */
class PublishedMeanwhileTest extends SilentShop {
    private static final String PUBLISHED = "SELECT count(*) FROM pg_publication_tables WHERE tablename = 'note'";

    /** Begins to write. */
    private static long open(Connection session, String statement) throws SQLException {
        session.setAutoCommit(false);
        Query.execute(session, "Cannot write", statement);
        return Query.one(
                session,
                "Cannot see a transaction",
                "SELECT pg_current_xact_id()::text::bigint",
                row -> row.getLong(1));
    }

    private static boolean isWaitedFor(CaptureHarness shop, long transaction) {
        return shop.count("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
                        + " AND transactionid::text = '" + transaction + "'")
                > 0;
    }

    @Test
    void aTableThatComesWhileTheFirstImageIsWaitedFor() throws Exception {
        try (CaptureHarness shop = shop("comes_early");
                Connection other = shop.database.connect();
                Connection late = shop.database.connect()) {
            shop.map = ShopSchema.with(shop.map, "late", new TableRule.ByColumn("site_id"));
            long open = open(other, "INSERT INTO public.plan VALUES (1, 'open')");
            shop.listener = new CaptureListener() {
                @Override
                public void imageStarted(String reason, int tables, long estimatedRows) {
                    Query.execute(late, "Cannot write", "INSERT INTO public.late VALUES (1, 'a')");
                }
            };
            shop.start();
            CaptureHarness.awaitTrue("the slot to be made", () -> isWaitedFor(shop, open));
            shop.run("CREATE TABLE late (id int PRIMARY KEY, site_id text)");
            other.commit();
            settled(shop);
            ArchiveReader reader = shop.quiesced();
            assertThat(shop.folded(reader, CaptureHarness.end(reader)).get("a late"))
                    .containsExactly("1|a");
        }
    }

    @Test
    void aTableThatIsPublishedAgainWhileAnotherIsAboutToBeRead() throws Exception {
        try (CaptureHarness shop = shop("published_again");
                Connection first = shop.database.connect();
                Connection second = shop.database.connect();
                Connection writer = shop.database.connect()) {
            shop.start();
            settled(shop);
            long one = open(first, "INSERT INTO public.plan VALUES (1, 'first')");
            shop.run("ALTER TABLE issue ADD priority int DEFAULT 3");
            CaptureHarness.awaitTrue("the slot to be made", () -> isWaitedFor(shop, one));
            long two = open(second, "INSERT INTO public.plan VALUES (2, 'second')");
            first.commit();
            // what begins to write from now on is not waited for
            CaptureHarness.awaitTrue("the slot to be nearly made", () -> isWaitedFor(shop, two));
            long writes = writesUnseen(shop, writer);
            CaptureHarness.awaitTrue("the table to be published again", () -> shop.count(PUBLISHED) > 0);
            second.commit();
            CaptureHarness.awaitTrue(
                    "the table to be read, or the writer to be waited for",
                    () -> ears.read.contains("note") || isWaitedFor(shop, writes));
            writer.commit();
            settled(shop);
            shop.requireFoldEqualsOracle("after", tables());
        }
    }

    /** Capture publishes the table again within moments: tried until the update came before that. */
    private static long writesUnseen(CaptureHarness shop, Connection writer) throws SQLException {
        while (true) {
            shop.run("ALTER PUBLICATION reinstate_published_again_rows DROP TABLE note");
            long writes = open(writer, "UPDATE public.note SET body = 'unseen' WHERE id = 1");
            if (shop.count(PUBLISHED) == 0) {
                return writes;
            }
            writer.rollback();
        }
    }
}
