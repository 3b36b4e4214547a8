package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The harness itself: the load really does what it is there for, and the oracle sees it. */
class HarnessTest {
    @Test
    void loadWritesAndTheOracleSeesEveryTenantStandStillAtTheGate() {
        long seed = Load.seed();
        try (StoreUnderTest store = StoreUnderTest.create("harness")) {
            Load load = new Load(store, 1);
            load.populate(seed);
            Oracle.Snapshot before = Oracle.snapshot(store);
            assertThat(before.tenants()).contains("anchor-0", "site-3", "nomad-1", "victim-2");
            assertThat(before.of("anchor-0").keySet()).contains("public.site", "public.page", "public.comment");
            assertThat(before.of("")).containsOnlyKeys("public.country", "public.plan");
            load.start(seed, 3);
            ArchiveComparison.await("300 transactions", Duration.ofSeconds(60), () -> load.committed() >= 300);
            load.atGate(() -> {
                Oracle.Snapshot first = Oracle.snapshot(store);
                Oracle.Snapshot second = Oracle.snapshot(store);
                assertThat(first.rows()).isEqualTo(second.rows()).isNotEqualTo(before.rows());
                assertThat(first.position()).isGreaterThan(before.position());
                System.out.println(first.rowCount() + " rows, " + first.loose().size() + " loose, " + load.committed()
                        + " commits, " + load.rolledBack() + " rollbacks");
                return first;
            });
            load.close();
        }
    }
}
