package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.restore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomRestoreTest {
    private static final int ROUNDS = 12;

    @TempDir
    Path directory;

    @Test
    void whateverTheDamageTheTenantIsWhatItWas() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TenantStore store = Shop.filled(directory, 3);
        TestServer server = store.server();
        List<String> then = Shop.contents(server, "s3");
        List<String> others = Shop.versions(server, "s2");
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                damage(server, random);
            }
            TenantResult result = restore(store, "s3", RestorePolicy.REPLACE);
            assertThat(result.failure()).as("seed %d round %d", seed, round).isEmpty();
            assertThat(Shop.contents(server, "s3"))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(then);
            assertThat(Shop.versions(server, "s2"))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(others);
        }
    }

    private static void damage(TestServer server, Random random) {
        int part = 2 + random.nextInt(3);
        String unique = Integer.toString(1000 + random.nextInt(1_000_000));
        switch (random.nextInt(9)) {
            case 0 -> server.execute("DELETE FROM public.issue WHERE site_id = 's3' AND id % " + part + " = 0");
            case 1 -> server.execute("DELETE FROM public.member WHERE site_id = 's3' AND id % " + part + " = 0");
            case 2 ->
                server.execute("UPDATE public.member SET rank = rank + 10000, tags = NULL WHERE site_id = 's3' "
                        + "AND id % " + part + " = 0");
            case 3 ->
                server.execute("INSERT INTO public.member (site_id, rank) SELECT 's3', " + unique
                        + " WHERE EXISTS (SELECT FROM public.site WHERE id = 's3') ON CONFLICT DO NOTHING");
            case 4 ->
                server.execute("UPDATE public.comment SET body = body || '!' WHERE id % " + part + " = 0 "
                        + "AND issue_id IN (SELECT id FROM public.issue WHERE site_id = 's3')");
            case 5 -> server.execute("INSERT INTO public.visit VALUES ('s3', '/p1', '2026-02-01')");
            case 6 -> server.execute("DELETE FROM public.visit WHERE site_id = 's3' AND path = '/p1'");
            case 7 ->
                server.execute("INSERT INTO public.issue (site_id, parent_id) SELECT 's3', min(id) "
                        + "FROM public.issue WHERE site_id = 's3' HAVING min(id) IS NOT NULL");
            default -> Shop.delete(server, "s3");
        }
    }
}
