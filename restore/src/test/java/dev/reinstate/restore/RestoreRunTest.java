package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TenantId;
import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreRunTest {
    @TempDir
    Path directory;

    @Test
    void aDeletedTenantComesBackExactly() {
        TenantStore store = Shop.filled(directory, 3);
        List<String> then = Shop.contents(store.server(), "s2");
        List<String> others = Shop.versions(store.server(), "s1");
        Shop.delete(store.server(), "s2");

        TenantResult result = restore(store, "s2", RestorePolicy.INTO_EMPTY);

        assertThat(result.failure()).isEmpty();
        assertThat(result.outcome()).isEqualTo(Outcome.RESTORED);
        assertThat(Shop.contents(store.server(), "s2")).isEqualTo(then).isNotEmpty();
        assertThat(Shop.versions(store.server(), "s1")).isEqualTo(others);
    }

    static TenantResult restore(TenantStore store, String tenant, RestorePolicy policy) {
        RestoreRun run = store.run(RestoreListener.SILENT);
        return run.apply(List.of(plan(run, store, tenant, policy)), "receipt").getFirst();
    }

    static RestorePlan plan(RestoreRun run, TenantStore store, String tenant, RestorePolicy policy) {
        RestoreRequest request = new RestoreRequest(new TenantId(tenant), store.position(), policy, Set.of());
        PlannedTenant planned = run.plan(List.of(request)).getFirst();
        return planned.plan().orElseThrow(() -> planned.failure().orElseThrow());
    }
}
