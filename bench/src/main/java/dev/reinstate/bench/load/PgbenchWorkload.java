package dev.reinstate.bench.load;

import dev.reinstate.bench.server.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The tables of {@code pgbench -i --foreign-keys} and its TPC-B-like transaction, four row changes each, run within the
 * server so that a backlog is made quickly. A branch is a tenant; the history table has no key.
 *
 * @param branches tenants, with ten tellers and {@code accountsPerBranch} accounts each
 */
public record PgbenchWorkload(int branches, int accountsPerBranch) implements Workload {
    @Override
    public String name() {
        return "pgbench-like";
    }

    @Override
    public String tenantTable() {
        return "public.pgbench_branches";
    }

    @Override
    public List<String> tables() {
        return List.of("pgbench_branches", "pgbench_tellers", "pgbench_accounts", "pgbench_history");
    }

    @Override
    public void create(Database database) throws SQLException {
        database.execute("""
                CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88))
                    WITH (fillfactor = 100);
                CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int REFERENCES pgbench_branches,
                    tbalance int, filler char(84)) WITH (fillfactor = 100);
                CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int REFERENCES pgbench_branches,
                    abalance int, filler char(84)) WITH (fillfactor = 100);
                CREATE TABLE pgbench_history (tid int REFERENCES pgbench_tellers, bid int REFERENCES pgbench_branches,
                    aid int REFERENCES pgbench_accounts, delta int, mtime timestamp, filler char(22));
                INSERT INTO pgbench_branches SELECT i, 0, '' FROM generate_series(1, %1$d) i;
                INSERT INTO pgbench_tellers SELECT i, 1 + (i - 1) / 10, 0, '' FROM generate_series(1, %1$d * 10) i;
                INSERT INTO pgbench_accounts SELECT i, 1 + (i - 1) / %2$d, 0, ''
                    FROM generate_series(1, %1$d * %2$d) i;
                CREATE PROCEDURE bench_change(transactions bigint, seed float8, INOUT changes bigint) LANGUAGE plpgsql AS $$
                DECLARE branch int; teller int; account int; delta int;
                BEGIN
                    PERFORM setseed(seed);
                    changes := 0;
                    FOR i IN 1..transactions LOOP
                        branch := 1 + floor(random() * %1$d);
                        teller := (branch - 1) * 10 + 1 + floor(random() * 10);
                        account := 1 + floor(random() * %1$d * %2$d);
                        delta := floor(random() * 10000) - 5000;
                        UPDATE pgbench_accounts SET abalance = abalance + delta WHERE aid = account;
                        UPDATE pgbench_tellers SET tbalance = tbalance + delta WHERE tid = teller;
                        UPDATE pgbench_branches SET bbalance = bbalance + delta WHERE bid = branch;
                        INSERT INTO pgbench_history VALUES (teller, branch, account, delta, clock_timestamp(), '');
                        changes := changes + 4;
                        COMMIT;
                    END LOOP;
                END $$;
                """.formatted(branches, accountsPerBranch));
        database.execute("VACUUM ANALYZE");
    }

    @Override
    public long change(Connection connection, long transactions, double seed) throws SQLException {
        return Procedures.change(connection, transactions, seed);
    }
}
