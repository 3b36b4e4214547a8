package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that the server takes for equal and that are written differently: the archive and the live side agree on them. */
class EqualValuesTest {
    private static final String SCHEMA = """
            CREATE EXTENSION citext SCHEMA public;
            CREATE COLLATION public.no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            CREATE TABLE public.site (id public.citext PRIMARY KEY, name text);
            CREATE TABLE public.note (id int PRIMARY KEY, site public.citext NOT NULL REFERENCES public.site, body text);
            CREATE INDEX ON public.note (site);
            CREATE TABLE public.bill (no numeric PRIMARY KEY, site public.citext NOT NULL REFERENCES public.site);
            CREATE INDEX ON public.bill (site);
            CREATE TABLE public.line (id int PRIMARY KEY, bill numeric NOT NULL REFERENCES public.bill, body text);
            CREATE INDEX ON public.line (bill);
            CREATE TABLE public.mark (id int PRIMARY KEY, kind text COLLATE public.no_case, ref numeric, body text);
            CREATE TABLE public.room (code char(4) PRIMARY KEY, site text COLLATE public.no_case NOT NULL);
            CREATE TABLE public.desk (id int PRIMARY KEY, room char(6) NOT NULL, body text);
            CREATE TABLE public.shift (at interval PRIMARY KEY, site public.citext NOT NULL);
            CREATE TABLE public.task (id int PRIMARY KEY, shift interval NOT NULL REFERENCES public.shift, body text);
            INSERT INTO public.site VALUES ('acme', 'a'), ('globex', 'g');
            INSERT INTO public.note VALUES (1, 'acme', ''), (2, 'ACME', ''), (3, 'Acme', ''), (4, 'globex', '');
            INSERT INTO public.bill VALUES (1.0, 'acme'), (2.00, 'ACME'), (3, 'acme');
            INSERT INTO public.line VALUES (1, 1.0, ''), (2, 1.00, ''), (3, 2.00, ''), (4, 2, ''), (5, 3, '');
            INSERT INTO public.room VALUES ('r1', 'acme'), ('r2', 'ACME');
            INSERT INTO public.shift VALUES ('1 mon', 'acme'), ('40 days', 'ACME');
            """;

    private static final String STREAMED = """
            INSERT INTO public.note VALUES (11, 'acme', ''), (12, 'ACME', ''), (13, 'aCME', '');
            INSERT INTO public.line VALUES (11, 1.0, ''), (12, 1.000, ''), (13, 2.00, ''), (14, 3, '');
            INSERT INTO public.mark VALUES (1, 'Bill', 1.0, ''), (2, 'bill', 1.0, ''), (3, 'Bill', 1, ''), (4, 'Bill', 2.00, '');
            INSERT INTO public.desk VALUES (1, 'r1', ''), (2, 'r2', '');
            INSERT INTO public.task VALUES (1, '1 mon', ''), (2, '30 days', ''), (3, '40 days', '');
            """;

    /** By plain SQL, comparing texts alone. */
    private static final Map<String, String> OWNERS = Map.of(
            "site", "row.id",
            "note", "row.site",
            "bill", "row.site",
            "line", "(SELECT site FROM public.bill b WHERE b.no::text = row.bill::text)",
            "mark",
                    "(SELECT site FROM public.bill b WHERE b.no::text = row.ref::text AND row.kind COLLATE \"C\" = 'Bill')",
            "room", "row.site",
            "desk", "(SELECT site FROM public.room r WHERE format('%s', r.code) = format('%s', row.room))",
            "shift", "row.site",
            "task", "(SELECT site FROM public.shift s WHERE s.at::text = row.shift::text)");

    private static final List<String> TENANTS = List.of("acme", "ACME", "Acme", "aCME", "globex");

    private StoreUnderTest store;
    private InProcessStore captured;

    @BeforeEach
    void capture(@TempDir Path directory) {
        store = StoreUnderTest.empty("equal_values");
        store.execute(SCHEMA);
        captured = InProcessStore.protect(store, map(), directory);
        store.execute(STREAMED);
    }

    @AfterEach
    void close() {
        captured.close();
        store.close();
    }

    private static TenancyMap map() {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        rules.put(table("site"), new TableRule.TenantTable("id"));
        for (String byColumn : List.of("note", "bill", "room", "shift")) {
            rules.put(table(byColumn), new TableRule.ByColumn("site"));
        }
        rules.put(table("line"), new TableRule.ByPath(List.of("bill"), table("bill")));
        rules.put(table("desk"), new TableRule.ByPath(List.of("room"), table("room")));
        rules.put(table("task"), new TableRule.ByPath(List.of("shift"), table("shift")));
        rules.put(table("mark"), new TableRule.ByType("kind", "ref", new TreeMap<>(Map.of("Bill", table("bill")))));
        return new TenancyMap(table("site"), rules);
    }

    private static TableName table(String name) {
        return new TableName("public", name);
    }

    private SortedMap<String, SortedMap<TableName, List<String>>> rows() {
        return CopiedRows.read(
                store,
                OWNERS.entrySet().stream()
                        .collect(Collectors.toMap(entry -> table(entry.getKey()), Map.Entry::getValue)));
    }

    private SortedMap<TableName, List<String>> rowsOf(String tenant) {
        return rows().getOrDefault(tenant, new TreeMap<>());
    }

    @Test
    void theArchiveTellsTenantsApartByText() {
        SortedMap<String, SortedMap<TableName, List<String>>> expected = rows();
        ArchiveReader reader = captured.reader();
        Lsn position = captured.awaitDurable();
        reader.refresh();
        for (String tenant : TENANTS) {
            assertThat(InProcessStore.folded(reader, Partition.of(new TenantId(tenant)), position))
                    .as(tenant)
                    .isEqualTo(expected.get(tenant));
        }
        assertThat(InProcessStore.folded(reader, Partition.UNATTRIBUTED, position))
                .isEqualTo(expected.get(CopiedRows.NOBODY));
    }

    @Test
    void aRestoreTouchesOnlyRowsThatAreWrittenAsTheTenant() {
        Lsn position = captured.awaitDurable();
        SortedMap<String, SortedMap<TableName, List<String>>> then = rows();
        SortedMap<TableName, List<String>> acmeThen = then.getOrDefault("acme", new TreeMap<>());
        assertThat(acmeThen).hasSize(8);
        for (String table : List.of("note", "line", "mark", "desk", "task")) {
            store.execute("UPDATE public." + table + " SET body = 'spoilt'; DELETE FROM public." + table
                    + " WHERE id = 1; INSERT INTO public." + table + " SELECT (jsonb_populate_record(t, '{\"id\": "
                    + "1000}')).* FROM public." + table + " t WHERE id = 2");
        }
        store.execute("INSERT INTO public.note VALUES (1001, 'acme', 'surplus')");
        SortedMap<String, SortedMap<TableName, List<String>>> damaged = rows();

        restore("acme", position);

        SortedMap<String, SortedMap<TableName, List<String>>> now = rows();
        assertThat(now.get("acme")).isEqualTo(acmeThen);
        damaged.put("acme", acmeThen);
        assertThat(now).as("what is not written acme").isEqualTo(damaged);

        restore("ACME", position);
        damaged.put("ACME", then.getOrDefault("ACME", new TreeMap<>()));
        assertThat(rows()).isEqualTo(damaged);
    }

    private void restore(String tenant, Lsn position) {
        RestoreRun run = captured.run(InProcessStore.database(store));
        List<RestoreRequest> requests =
                List.of(new RestoreRequest(new TenantId(tenant), position, RestorePolicy.REPLACE, Set.of()));
        List<PlannedTenant> plans = run.plan(requests);
        assertThat(plans)
                .allSatisfy(plan ->
                        assertThat(plan.plan().flatMap(p -> p.refusal())).isEmpty());
        List<TenantResult> results =
                run.apply(plans.stream().map(plan -> plan.plan().orElseThrow()).toList(), "receipt");
        assertThat(results).allSatisfy(result -> assertThat(result.failure()).isEmpty());
        assertThat(run.plan(requests))
                .allSatisfy(
                        plan -> assertThat(plan.plan().orElseThrow().isRight()).isTrue());
    }

    @Test
    void aKeyThatIsWrittenAnewSinceIsWrittenAsItWasWhereRowsAreReplaced() {
        store.execute("DELETE FROM public.line WHERE bill = 1 AND bill::text <> '1.0'");
        Lsn position = captured.awaitDurable();
        final SortedMap<String, SortedMap<TableName, List<String>>> then = rows();
        store.execute("UPDATE public.bill SET no = 1.00 WHERE no = 1");

        assertThat(plans("acme", position, RestorePolicy.MISSING_ONLY)
                        .getFirst()
                        .plan()
                        .orElseThrow()
                        .problems())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.message())
                            .startsWith(
                                    "public.bill: 1 rows of then have a key that a living row of the tenant has too");
                    assertThat(problem.next()).contains("--replace");
                });
        restore("acme", position);
        assertThat(rows()).isEqualTo(then);
    }

    private List<PlannedTenant> plans(String tenant, Lsn position, RestorePolicy policy) {
        return captured.run(InProcessStore.database(store))
                .plan(List.of(new RestoreRequest(new TenantId(tenant), position, policy, Set.of())));
    }

    /** The server logs the old key whenever its bytes change, so a key that stays equal is a new one here. */
    @Test
    void aKeyThatIsWrittenAnewIsAnotherOne() {
        store.execute("DELETE FROM public.line WHERE id = 2; UPDATE public.bill SET no = 1.00 WHERE no = 1;"
                + " UPDATE public.site SET id = 'Globex' WHERE id = 'globex'");
        Lsn position = captured.awaitDurable();
        ArchiveReader reader = captured.reader();
        SortedMap<TableName, List<String>> acme =
                InProcessStore.folded(reader, Partition.of(new TenantId("acme")), position);
        assertThat(acme.get(table("bill"))).isEqualTo(rowsOf("acme").get(table("bill")));
        assertThat(acme.get(table("line")))
                .as("what named the key as it was stays")
                .hasSize(4);
        assertThat(InProcessStore.folded(reader, Partition.of(new TenantId("Globex")), position))
                .containsOnlyKeys(table("site"));
        assertThat(InProcessStore.folded(reader, Partition.of(new TenantId("globex")), position))
                .containsOnlyKeys(table("note"));
        List<String> lines = store.query("SELECT l::text FROM public.line l ORDER BY id");
        store.execute(
                "DELETE FROM public.line WHERE id IN (1, 5); UPDATE public.line SET body = 'spoilt' WHERE id = 11");

        restore("acme", position);

        assertThat(store.query("SELECT l::text FROM public.line l ORDER BY id")).isEqualTo(lines);
    }
}
