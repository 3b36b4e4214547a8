package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories of rows that belong by type to rows of their own table, with captures that are killed. */
class RandomTreeTest extends ServerTest {
    private static final int ROUNDS = Integer.getInteger("reinstate.test.rounds", 5);

    /** Statements are transactions of their own and leave rows behind. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whatHangsBelowGoesAlongAndWhatIsLeftBehindStays(long base) throws Exception {
        play("left", base, CaptureSettings.Limits.DEFAULT, false);
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 4})
    void transactionsMayInsertChildrenFirst(long base) throws Exception {
        play("whole", base, CaptureSettings.Limits.DEFAULT, true);
    }

    @ParameterizedTest
    @ValueSource(longs = {5})
    void transactionsMayBeTooLargeForMemory(long base) throws Exception {
        play("spilled", base, new CaptureSettings.Limits(2048, 1500, 64 << 20), true);
    }

    /** In whatever order its rows are by then: what was left behind is still whose it was. */
    @ParameterizedTest
    @ValueSource(longs = {6, 7})
    void aTreeIsReadAnewWhole(long base) throws Exception {
        long seed = base + Long.getLong("reinstate.test.seed", 0);
        try (CaptureHarness shop =
                new CaptureHarness(server, "anew" + seed, TreeShop.ddl(seed % 2 == 0), TreeShop.map(), directory)) {
            TreeShop traffic = new TreeShop(shop.sql, seed);
            shop.start();
            SilentShop.settled(shop);
            play(traffic, false, 150);
            requireFoldEqualsOracle(shop, "seed " + seed + ", before");
            shop.run("ALTER TABLE remark ALTER COLUMN body TYPE text USING body || '!'");
            SilentShop.settled(shop);
            requireFoldEqualsOracle(shop, "seed " + seed + ", read anew");
            play(traffic, false, 100);
            requireFoldEqualsOracle(shop, "seed " + seed + ", and goes on");
        }
    }

    private void play(String name, long base, CaptureSettings.Limits limits, boolean transactions) throws Exception {
        long seed = base + Long.getLong("reinstate.test.seed", 0);
        Random random = new Random(seed);
        try (CaptureHarness shop =
                new CaptureHarness(server, name + seed, TreeShop.ddl(seed % 2 == 0), TreeShop.map(), directory)) {
            shop.settings = shop.settings.withLimits(limits).withSegmentInterval(Duration.ofMillis(20));
            TreeShop traffic = new TreeShop(shop.sql, seed);
            if (transactions) {
                play(traffic, true, 40);
            }
            shop.start();
            shop.quiesced();
            for (int round = 0; round < ROUNDS; round++) {
                play(traffic, transactions, 20 + random.nextInt(60));
                requireFoldEqualsOracle(shop, "seed " + seed + ", round " + round);
                if (random.nextInt(3) == 0) {
                    shop.stop();
                } else {
                    play(traffic, transactions, random.nextInt(20));
                    shop.kill();
                    if (random.nextBoolean()) {
                        RandomHistoryTest.deleteIndex(shop.settings.workDirectory());
                    }
                }
                play(traffic, transactions, random.nextInt(20));
                shop.start();
            }
            requireFoldEqualsOracle(shop, "seed " + seed + ", at the end");
        }
    }

    private static void play(TreeShop traffic, boolean transactions, int count) throws SQLException {
        for (int i = 0; i < count; i++) {
            if (transactions) {
                traffic.transaction();
            } else {
                traffic.statement();
            }
        }
    }

    private static void requireFoldEqualsOracle(CaptureHarness shop, String moment) throws SQLException {
        ArchiveReader reader = shop.quiesced();
        SortedMap<String, List<String>> archived = new TreeMap<>();
        shop.folded(reader, CaptureHarness.end(reader)).forEach((key, rows) -> {
            String table = key.replaceFirst("remark_\\d", "remark");
            if (table.endsWith(" remark") || table.endsWith(" heart")) {
                List<String> into = archived.computeIfAbsent(table, k -> new ArrayList<>());
                rows.forEach(row -> into.add(row.replaceFirst("\\|NULL$", "")));
            }
        });
        archived.values().forEach(Collections::sort);
        SortedMap<String, List<String>> live = new TreeMap<>();
        try (Statement statement = shop.sql.createStatement();
                ResultSet rows = statement.executeQuery(TreeShop.ORACLE)) {
            while (rows.next()) {
                live.computeIfAbsent(rows.getString(1), k -> new ArrayList<>()).add(rows.getString(2));
            }
        }
        live.values().forEach(Collections::sort);
        assertThat(archived).as(moment).isEqualTo(live);
    }
}
