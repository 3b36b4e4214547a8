package dev.reinstate.capture.protection;

import dev.reinstate.capture.CaptureSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories, with captures killed at random moments: what the archive folds to is what the database holds. */
class RandomHistoryTest extends ServerTest {
    private static final int ROUNDS = Integer.getInteger("reinstate.test.rounds", 6);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void foldEqualsTheDatabase(long seed) throws Exception {
        play(seed + Long.getLong("reinstate.test.seed", 0), CaptureSettings.Limits.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(longs = {4})
    void foldEqualsTheDatabaseWithTinyMemory(long seed) throws Exception {
        // every transaction of more than a few rows goes through the disk
        play(seed + Long.getLong("reinstate.test.seed", 0), new CaptureSettings.Limits(4096, 1500, 64 << 20));
    }

    private void play(long seed, CaptureSettings.Limits limits) throws Exception {
        Random random = new Random(seed);
        List<String> tables = new ArrayList<>(ShopSchema.tables());
        tables.removeAll(ShopSchema.KEYLESS);
        try (CaptureHarness shop = new CaptureHarness(
                server, "random_" + seed, ShopSchema.DDL + ShopSchema.TIDY, ShopSchema.map(), directory)) {
            shop.settings = shop.settings.withLimits(limits).withSegmentInterval(Duration.ofMillis(20));
            RandomShop traffic = new RandomShop(shop.sql, seed);
            shop.run("INSERT INTO public.site VALUES ('a', 'A', NULL), ('b', 'B', NULL), ('c', 'C', NULL)");
            transactions(traffic, 40);
            shop.start();
            for (int round = 0; round < ROUNDS; round++) {
                transactions(traffic, 30 + random.nextInt(60));
                shop.requireFoldEqualsOracle("seed " + seed + ", round " + round, tables);
                interrupt(shop, random, () -> transactions(traffic, random.nextInt(20)));
                transactions(traffic, random.nextInt(20));
                shop.start();
            }
            shop.requireFoldEqualsOracle("seed " + seed + ", at the end", tables);
        }
    }

    private static void interrupt(CaptureHarness shop, Random random, Runnable meanwhile) throws IOException {
        switch (random.nextInt(4)) {
            case 0 -> shop.stop();
            case 1 -> {
                shop.kill();
                deleteIndex(shop.settings.workDirectory());
            }
            default -> {
                meanwhile.run();
                shop.kill();
            }
        }
    }

    /** Nothing binds rows to a row of any type, so they outlive it: they stay with the tenant they had. */
    @ParameterizedTest
    @ValueSource(longs = {5, 6, 106})
    void rowsLeftBehindStayWithTheirTenant(long base) throws Exception {
        long seed = base + Long.getLong("reinstate.test.seed", 0);
        Random random = new Random(seed);
        List<String> tables = new ArrayList<>(ShopSchema.tables());
        tables.removeAll(ShopSchema.KEYLESS);
        try (CaptureHarness shop = new CaptureHarness(
                server, "orphans_" + seed, ShopSchema.DDL + ShopSchema.REMEMBERED, ShopSchema.map(), directory)) {
            shop.leavesBehind = true;
            shop.settings = shop.settings.withSegmentInterval(Duration.ofMillis(20));
            RandomShop traffic = new RandomShop(shop.sql, seed);
            shop.run("INSERT INTO public.site VALUES ('a', 'A', NULL), ('b', 'B', NULL), ('c', 'C', NULL)");
            shop.start();
            shop.quiesced();
            for (int round = 0; round < ROUNDS; round++) {
                statements(shop, traffic, 100 + random.nextInt(200));
                shop.requireFoldEqualsOracle("seed " + seed + ", round " + round, tables);
                interrupt(shop, random, () -> statements(shop, traffic, random.nextInt(100)));
                statements(shop, traffic, random.nextInt(100));
                shop.start();
            }
            shop.requireFoldEqualsOracle("seed " + seed + ", at the end", tables);
        }
    }

    private static void statements(CaptureHarness shop, RandomShop traffic, int count) {
        for (int i = 0; i < count; i++) {
            traffic.statement();
            shop.run(ShopSchema.remember());
        }
    }

    private static void transactions(RandomShop traffic, int count) {
        for (int i = 0; i < count; i++) {
            traffic.transaction();
        }
    }

    static void deleteIndex(Path work) throws IOException {
        try (Stream<Path> files = Files.walk(work)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
