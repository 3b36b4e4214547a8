package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.ReferencePolicy;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random graphs of shared rows: some tables that refer to each other and to themselves, in circles too, by foreign keys
 * that may be deferrable or not, NULL or not. A restore must leave them as they were before it, and the rows that the
 * tenant's need, and nothing else. {@code -Dreinstate.shared.seed=N} runs one again.
 */
class RandomSharedRowsTest {
    private static final int ROWS = 12;
    private static final AtomicLong NEEDED = new AtomicLong();

    @TempDir
    Path directory;

    @AfterAll
    static void theGraphsHadSomethingToBringBack() {
        assertThat(NEEDED.get()).isGreaterThan(System.getProperty("reinstate.shared.seed") == null ? 48 : -1);
    }

    static Stream<Long> seeds() {
        String one = System.getProperty("reinstate.shared.seed");
        return one != null
                ? Stream.of(Long.valueOf(one))
                : IntStream.range(0, 24).mapToObj(Long::valueOf);
    }

    /** A row of one of the shared tables. */
    private record Row(int table, int id) {
        String name() {
            return "shared" + table;
        }
    }

    /** Which rows every row refers to. */
    private static final class Graph {
        private final Random random;
        private final int tables;
        private final List<int[]> keys = new ArrayList<>();
        private final Map<Row, List<Row>> references = new HashMap<>();
        private final List<String> sql = new ArrayList<>();
        private final Map<String, List<Row>> tenants = new TreeMap<>();

        Graph(Random random) {
            this.random = random;
            this.tables = 2 + random.nextInt(3);
            for (int i = 0; i < tables + random.nextInt(4); i++) {
                keys.add(new int[] {random.nextInt(tables), random.nextInt(tables)});
            }
            IntStream.range(0, tables).forEach(this::table);
            IntStream.range(0, keys.size()).forEach(this::key);
            note();
        }

        private void table(int table) {
            StringBuilder columns = new StringBuilder();
            IntStream.range(0, keys.size())
                    .filter(k -> keys.get(k)[0] == table)
                    .forEach(k -> columns.append(", k" + k + " int"));
            sql.add("CREATE TABLE public.shared" + table + " (id int PRIMARY KEY, body text" + columns + ")");
            for (int id = 0; id < ROWS; id++) {
                List<Row> to = new ArrayList<>();
                StringBuilder values = new StringBuilder();
                for (int[] key : keys) {
                    if (key[0] == table) {
                        boolean none = random.nextInt(3) == 0;
                        Row row = new Row(key[1], random.nextInt(ROWS));
                        values.append(", ").append(none ? "NULL" : row.id());
                        if (!none) {
                            to.add(row);
                        }
                    }
                }
                references.put(new Row(table, id), to);
                sql.add("INSERT INTO public.shared" + table + " VALUES (" + id + ", 'body " + id + "'" + values + ")");
            }
        }

        /** Some keys that every row has a value for must have one. */
        private void key(int key) {
            sql.add("ALTER TABLE public.shared" + keys.get(key)[0] + " ADD FOREIGN KEY (k" + key
                    + ") REFERENCES public.shared" + keys.get(key)[1]
                    + List.of("", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED")
                            .get(random.nextInt(3)));
            if (random.nextBoolean()) {
                sql.add("DO $$ BEGIN ALTER TABLE public.shared" + keys.get(key)[0] + " ALTER COLUMN k" + key
                        + " SET NOT NULL; EXCEPTION WHEN not_null_violation THEN END $$");
            }
        }

        private void note() {
            sql.add("CREATE TABLE public.note (id int PRIMARY KEY, site_id text, one int REFERENCES public.shared0,"
                    + " two int REFERENCES public.shared1)");
            for (int id = 0; id < 8; id++) {
                String tenant = id < 5 ? "a" : "b";
                Row one = new Row(0, random.nextInt(ROWS));
                Row two = new Row(1, random.nextInt(ROWS));
                boolean both = random.nextBoolean();
                List<Row> rows = tenants.computeIfAbsent(tenant, t -> new ArrayList<>());
                rows.add(one);
                if (both) {
                    rows.add(two);
                }
                sql.add("INSERT INTO public.note VALUES (" + id + ", '" + tenant + "', " + one.id() + ", "
                        + (both ? two.id() : "NULL") + ")");
            }
        }

        List<Row> neededBy(String tenant) {
            return tenants.getOrDefault(tenant, List.of());
        }

        /** Those rows and all that they refer to, over any number of steps, as long as they are among some. */
        Set<Row> closure(List<Row> from, Set<Row> among) {
            Set<Row> all = new HashSet<>();
            Deque<Row> next = new ArrayDeque<>(from);
            while (!next.isEmpty()) {
                Row row = next.pop();
                if (among.contains(row) && all.add(row)) {
                    next.addAll(references.getOrDefault(row, List.of()));
                }
            }
            return all;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void exactlyWhatIsNeededComesBack(long seed) {
        Random random = new Random(seed);
        Graph graph = new Graph(random);
        List<String> names =
                IntStream.range(0, graph.tables).mapToObj(i -> "shared" + i).toList();
        Drift drift = Drift.withShared(
                        directory,
                        names,
                        List.of("note"),
                        "SET session_replication_role = replica; " + String.join("; ", graph.sql))
                .policy(List.of(RestorePolicy.values()).get(random.nextInt(3)))
                .references(ReferencePolicy.RESTORE_SHARED_ROW)
                .triggersFire(random.nextBoolean());
        TestServer server = drift.server();
        Map<String, List<String>> then = contents(server, names);
        Set<Row> kept = new HashSet<>();
        List<Row> roots = new ArrayList<>(graph.neededBy("b"));
        graph.references.keySet().stream()
                .sorted((x, y) -> x.toString().compareTo(y.toString()))
                .filter(row -> random.nextInt(12) == 0)
                .forEach(roots::add);
        kept.addAll(graph.closure(roots, graph.references.keySet()));
        lose(server, graph, kept);
        Map<String, List<String>> damaged = contents(server, names);
        final List<String> others = server.rows("SELECT n::text FROM public.note n WHERE site_id = 'b' ORDER BY id");

        RestorePlan plan = drift.plan();
        TenantResult result = drift.restore();

        Set<Row> gone = new HashSet<>(graph.references.keySet());
        gone.removeAll(kept);
        Set<Row> needed = graph.closure(graph.neededBy("a"), gone);
        NEEDED.addAndGet(needed.size());
        String context = "seed " + seed + ", needed " + needed;
        assertThat(result.failure()).as(context).isEmpty();
        assertThat(plan.shared().rows()).as(context).isEqualTo(needed.size());
        Map<String, List<String>> expected = new TreeMap<>();
        names.forEach(name -> {
            List<String> rows = new ArrayList<>(damaged.getOrDefault(name, List.of()));
            needed.stream()
                    .filter(row -> row.name().equals(name))
                    .forEach(row -> rows.add(then.getOrDefault(name, List.of()).get(row.id())));
            expected.put(name, rows.stream().sorted().toList());
        });
        Map<String, List<String>> now = contents(server, names);
        now.replaceAll((name, rows) -> rows.stream().sorted().toList());
        assertThat(now).as(context).isEqualTo(expected);
        assertThat(server.rows("SELECT n::text FROM public.note n WHERE site_id = 'b' ORDER BY id"))
                .as(context)
                .isEqualTo(others);
        assertThat(server.rows("SELECT id FROM public.note")).as(context).hasSize(8);
        assertThat(drift.plan().isRight()).as(context).isTrue();
    }

    /** The tenant goes, and all shared rows that are not kept; those get other values, and some are new. */
    private static void lose(TestServer server, Graph graph, Set<Row> kept) {
        List<String> sql = new ArrayList<>(
                List.of("SET session_replication_role = replica", "DELETE FROM public.note WHERE site_id = 'a'"));
        graph.references.keySet().stream()
                .filter(row -> !kept.contains(row))
                .forEach(row -> sql.add("DELETE FROM public." + row.name() + " WHERE id = " + row.id()));
        for (int table = 0; table < graph.tables; table++) {
            sql.add("UPDATE public.shared" + table + " SET body = 'changed since' WHERE id % 2 = 0");
            sql.add("INSERT INTO public.shared" + table + " SELECT (jsonb_populate_record(s, '{\"id\": 1000}')).*"
                    + " FROM public.shared" + table + " s ORDER BY id LIMIT 1");
        }
        server.execute(sql.toArray(String[]::new));
    }

    private static Map<String, List<String>> contents(TestServer server, List<String> names) {
        Map<String, List<String>> contents = new TreeMap<>();
        names.forEach(name -> contents.put(name, server.rows("SELECT s::text FROM public." + name + " s ORDER BY id")));
        return contents;
    }
}
