package dev.reinstate.e2e.proof;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * One session that writes, statement by statement: transactions with savepoints, rollbacks and failures among them.
 * Whoever drives it decides whose turn it is.
 */
final class Writer {
    private final int number;
    private final Connection connection;
    private final Random random;
    private final StatementMaker maker;
    private final Consumer<Step> record;
    private final Deque<String> pending = new ArrayDeque<>();
    private boolean inTransaction;
    private boolean seesThePast;
    private boolean locksTables;
    private boolean failed;
    private int savepoints;
    private int left;

    Writer(int number, Connection connection, Random random, ProofSchema schema, Consumer<Step> record) {
        this.number = number;
        this.connection = connection;
        this.random = random;
        this.maker = new StatementMaker(connection, random, schema);
        this.record = record;
    }

    /** Whether it holds a lock that nobody can look past. */
    boolean locksTables() {
        return inTransaction && locksTables;
    }

    /** One statement. */
    void step() {
        if (failed) {
            recover();
        } else if (!pending.isEmpty()) {
            send(pending.poll());
        } else if (!inTransaction) {
            begin();
        } else if (left-- <= 0) {
            end(random.nextInt(9) == 0 ? "ROLLBACK" : "COMMIT");
        } else if (random.nextInt(8) == 0) {
            send("SAVEPOINT s" + ++savepoints);
        } else if (savepoints > 0 && random.nextInt(5) == 0) {
            send("ROLLBACK TO s" + savepoints);
        } else {
            make();
        }
    }

    /** Ends what is open. */
    void settle() {
        pending.clear();
        if (inTransaction) {
            end(failed || random.nextInt(3) == 0 ? "ROLLBACK" : "COMMIT");
        }
    }

    private void begin() {
        if (random.nextInt(3) == 0) {
            make();
            return;
        }
        inTransaction = true;
        savepoints = 0;
        left = 1 + random.nextInt(6);
        seesThePast = random.nextInt(10) == 0;
        send(seesThePast ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN");
        if (random.nextInt(3) == 0) {
            pending.add("SET CONSTRAINTS ALL DEFERRED");
        }
    }

    private void make() {
        try {
            List<String> statements = maker.next();
            if (inTransaction && seesThePast && statements.stream().anyMatch(sql -> sql.startsWith("DELETE"))) {
                return; // the ledger would not see rows that have come to name the row since
            }
            if (statements.size() > 1 && !inTransaction) {
                inTransaction = true;
                savepoints = 0;
                left = 0;
                pending.add("BEGIN");
            }
            pending.addAll(statements);
            if (!pending.isEmpty()) {
                send(pending.poll());
            }
        } catch (SQLException e) {
            failed(e);
        }
    }

    private void recover() {
        failed = false;
        if (savepoints > 0 && random.nextInt(3) > 0) {
            send("ROLLBACK TO s" + savepoints);
        } else {
            end("ROLLBACK");
        }
    }

    private void end(String sql) {
        failed = false;
        inTransaction = false;
        locksTables = false;
        pending.clear();
        send(sql);
    }

    private void send(String sql) {
        locksTables |= sql.startsWith("TRUNCATE");
        try {
            Sql.run(connection, sql);
        } catch (SQLException e) {
            failed(e);
        }
        record.accept(new Step(number, sql));
    }

    /** Refused by a constraint, a lock, a deadlock or triggers that wait: that is life. Anything else is a mistake of the generator. */
    private void failed(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        boolean inUse = state.equals("55P03") || state.equals("55006");
        if (!state.startsWith("23") && !state.startsWith("40") && !inUse && !state.equals("25P02")) {
            throw new IllegalStateException(e);
        }
        pending.clear();
        failed = inTransaction;
    }
}
