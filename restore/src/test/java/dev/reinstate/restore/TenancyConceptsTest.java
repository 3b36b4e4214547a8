package dev.reinstate.restore;

import static dev.reinstate.restore.RestoreRunTest.restore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/concepts/tenancy.md} says of rows that have to do with more than one tenant. */
class TenancyConceptsTest {
    private static final String SCHEMA = """
            CREATE TABLE public.org (id text PRIMARY KEY, parent text REFERENCES public.org ON DELETE CASCADE, name text);
            CREATE TABLE public.account (id bigint PRIMARY KEY, org_id text NOT NULL REFERENCES public.org ON DELETE CASCADE);
            CREATE TABLE public.transfer (id bigint PRIMARY KEY,
                from_account bigint NOT NULL REFERENCES public.account ON DELETE CASCADE,
                to_account bigint NOT NULL REFERENCES public.account ON DELETE CASCADE, amount numeric);
            CREATE INDEX ON public.account (org_id);
            CREATE INDEX ON public.transfer (from_account);
            CREATE INDEX ON public.transfer (to_account);
            INSERT INTO public.org VALUES ('group', NULL, 'the group'), ('north', 'group', 'n'), ('south', 'group', 's');
            INSERT INTO public.account VALUES (1, 'group'), (2, 'north'), (3, 'south');
            INSERT INTO public.transfer VALUES (1, 2, 3, 10), (2, 3, 2, 20), (3, 2, 2, 30);
            """;

    @TempDir
    Path directory;

    private TenantStore store() {
        return new TenantStore(TestServer.newDatabase(SCHEMA), map(), directory)
                .image(List.of("group", "north", "south"));
    }

    private static TenancyMap map() {
        return TenantStore.map(
                "org",
                new TreeMap<>(Map.of(
                        "org", new TableRule.TenantTable("id"),
                        "account", new TableRule.ByColumn("org_id"),
                        "transfer", new TableRule.ByPath(List.of("from_account"), TableName.parse("account")))));
    }

    private static List<String> transfers(TestServer server) {
        return server.rows("SELECT id, from_account, to_account FROM public.transfer ORDER BY id");
    }

    /** The rule says whose a row is; the other tenant's restore does not bring it. */
    @Test
    void aRowBetweenTwoTenantsComesBackWithItsOwnerAlone() {
        TenantStore store = store();
        TestServer server = store.server();
        server.execute("DELETE FROM public.org WHERE id = 'south'");
        assertThat(transfers(server)).containsExactly("3|2|2");

        assertThat(restore(store, "south", RestorePolicy.INTO_EMPTY).failure()).isEmpty();
        assertThat(transfers(server)).as("north's transfer to south is north's").containsExactly("2|3|2", "3|2|2");

        assertThat(restore(store, "north", RestorePolicy.MISSING_ONLY).failure())
                .isEmpty();
        assertThat(transfers(server)).containsExactly("1|2|3", "2|3|2", "3|2|2");
    }

    @Test
    void aRowBetweenTwoTenantsNeedsTheOtherOne() {
        TenantStore store = store();
        TestServer server = store.server();
        server.execute("DELETE FROM public.org WHERE id IN ('north', 'south')");

        TenantResult alone = restore(store, "north", RestorePolicy.INTO_EMPTY);

        assertThat(alone.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(alone.failure().orElseThrow().details())
                .anyMatch(line -> line.contains("public.transfer") && line.contains("public.account"));
        assertThat(server.value("SELECT count(*) FROM public.account")).isEqualTo("1");
    }

    @Test
    void theRestoreOfAParentTenantDoesNotTouchItsChildren() {
        TenantStore store = store();
        TestServer server = store.server();
        server.execute("UPDATE public.org SET name = 'changed'", "DELETE FROM public.account WHERE id = 1");
        List<String> children = server.rows("SELECT ctid, xmin, * FROM public.org WHERE id <> 'group' ORDER BY id");

        assertThat(restore(store, "group", RestorePolicy.REPLACE).failure()).isEmpty();

        assertThat(server.rows("SELECT ctid, xmin, * FROM public.org WHERE id <> 'group' ORDER BY id"))
                .isEqualTo(children);
        assertThat(server.rows("SELECT name FROM public.org WHERE id = 'group'"))
                .containsExactly("the group");
        assertThat(server.value("SELECT count(*) FROM public.account")).isEqualTo("3");
    }

    @Test
    void aChildTenantWhoseParentIsGoneIsAConflictUntilTheParentIsBack() {
        TenantStore store = store();
        TestServer server = store.server();
        server.execute("DELETE FROM public.transfer", "DELETE FROM public.org WHERE id = 'group'");
        assertThat(server.value("SELECT count(*) FROM public.org")).isEqualTo("0");

        TenantResult child = restore(store, "south", RestorePolicy.INTO_EMPTY, "public.transfer");

        assertThat(child.outcome()).isEqualTo(Outcome.CONFLICT);
        assertThat(child.failure().orElseThrow().details()).anyMatch(line -> line.contains("org_parent_fkey"));
        assertThat(server.value("SELECT count(*) FROM public.org")).isEqualTo("0");

        assertThat(restore(store, "group", RestorePolicy.INTO_EMPTY).failure()).isEmpty();
        assertThat(server.rows("SELECT id FROM public.org")).containsExactly("group");
        assertThat(restore(store, "south", RestorePolicy.INTO_EMPTY, "public.transfer")
                        .failure())
                .isEmpty();
        assertThat(server.rows("SELECT id FROM public.org ORDER BY id")).containsExactly("group", "south");
    }
}
