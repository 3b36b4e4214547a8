package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** pgbench's own schema with foreign keys, branches as tenants, and a history table that has no key. */
class PgbenchTest {
    private static final String BRANCH = """
            SELECT (SELECT b::text FROM pgbench_branches b WHERE bid = 2) || '|'
                || (SELECT string_agg(t::text, ',' ORDER BY tid) FROM pgbench_tellers t WHERE bid = 2) || '|'
                || (SELECT string_agg(a::text, ',' ORDER BY aid) FROM pgbench_accounts a WHERE bid = 2) || '|'
                || (SELECT string_agg(h::text, ',' ORDER BY h::text) FROM pgbench_history h WHERE bid = 2)""";

    @TempDir
    private Path directory;

    @Test
    void branchComesBackAndTheTableWithoutAKeyIsSaidPlainly() {
        try (StoreUnderTest store = StoreUnderTest.empty("pgbench");
                Workbench workbench = new Workbench(store, directory)) {
            store.execute(StoreUnderTest.resource("pgbench.sql"));
            ReinstateProcess.Outcome init = workbench
                    .run("init", "--url", store.url(), "--tenant-table", "public.pgbench_branches")
                    .succeeded();
            workbench.hasten();
            assertThat(init.output())
                    .contains("public.pgbench_accounts", "public.pgbench_tellers", "public.pgbench_history")
                    .containsIgnoringCase("insert");
            ReinstateProcess capture = workbench.protect();
            workbench.awaitDurable(Oracle.position(store), capture);
            store.execute(transactions());
            String before = store.queryOne(BRANCH);
            store.execute("""
                    DELETE FROM pgbench_history WHERE bid = 2;
                    DELETE FROM pgbench_accounts WHERE bid = 2;
                    DELETE FROM pgbench_tellers WHERE bid = 2;
                    DELETE FROM pgbench_branches WHERE bid = 2""");
            workbench.awaitDurable(Oracle.position(store), capture);
            workbench.run("restore", "2", "--before-deletion", "--yes").succeeded();
            assertThat(store.queryOne(BRANCH)).isEqualTo(before);
            assertThat(store.queryOne("SELECT count(*) FROM pgbench_accounts WHERE bid <> 2"))
                    .isEqualTo("2000");
            capture.terminate().succeeded();
        }
    }

    private static String transactions() {
        return """
        DO $$
        DECLARE
            a int; t int; b int; d int;
        BEGIN
            FOR n IN 1..200 LOOP
                b := 1 + n % 3; t := (b - 1) * 10 + 1 + n % 10; a := (b - 1) * 1000 + 1 + (n * 37) % 1000; d := n * 7 - 500;
                UPDATE pgbench_accounts SET abalance = abalance + d WHERE aid = a;
                UPDATE pgbench_tellers SET tbalance = tbalance + d WHERE tid = t;
                UPDATE pgbench_branches SET bbalance = bbalance + d WHERE bid = b;
                INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (t, b, a, d, clock_timestamp());
            END LOOP;
        END $$""";
    }
}
