package dev.reinstate.e2e.proof;

import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.e2e.proof.SchemaChanges.SchemaChange;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** One seed: a schema, what was done to it, what was true meanwhile, and what the archive made of it. */
final class History implements AutoCloseable {
    private static final int WRITERS = 4;
    private static final int SCHEMA_SESSION = WRITERS + 1;
    private static final int LOOK_EVERY = 23;
    private static final int TENANTS = 6;
    private static final int LAST_LOOKS = 4;

    /**
     * How much happens.
     *
     * @param rows about how many every table has when it begins
     * @param steps how many statements follow
     */
    record Length(int rows, int steps) {
        static final Length USUAL = new Length(6, 700);
    }

    /** All that was done after the schema was made. */
    final List<Step> steps = new ArrayList<>();

    final Stage stage;
    final CaptureSettings.Limits limits;
    private final Length length;
    private final Random random;
    private final Optional<SchemaChanges> changes;
    private final StatementMaker maker;
    private final List<Writer> writers = new ArrayList<>();
    private final EnumMap<SchemaChanges.Kind, Integer> changed = new EnumMap<>(SchemaChanges.Kind.class);
    private int looks;
    private int deadlocks;

    History(ProofServer server, long seed, Length length, Path directory) throws SQLException {
        this.length = length;
        this.random = new Random(seed);
        ProofSchema schema = SchemaGenerator.generate(random);
        this.limits = random.nextInt(3) == 0 ? Stage.TINY : CaptureSettings.Limits.DEFAULT;
        this.stage = new Stage(server, "proof_" + Long.toUnsignedString(seed, 36), schema, directory, limits);
        this.changes = random.nextBoolean() ? Optional.of(new SchemaChanges(random, schema)) : Optional.empty();
        this.maker = new StatementMaker(stage.session(1), random, schema);
        for (int i = 1; i <= WRITERS; i++) {
            writers.add(new Writer(i, stage.session(i), new Random(random.nextLong()), schema, steps::add));
        }
    }

    private void populate() throws SQLException {
        for (int i = 0; i < TENANTS; i++) {
            insert(maker.tenantInsert(i));
        }
        for (int i = 0; i < length.rows(); i++) {
            for (ProofTable table : stage.schema.tables()) {
                for (String statement : maker.inserts(table)) {
                    insert(statement);
                }
            }
        }
    }

    private void insert(String statement) throws SQLException {
        steps.add(new Step(1, statement));
        try {
            Sql.run(stage.session(1), statement);
        } catch (SQLException e) {
            if (!String.valueOf(e.getSQLState()).startsWith("23")) {
                throw new IllegalStateException(statement, e);
            }
            steps.removeLast();
        }
    }

    /** Lets the writers write, the oracle look and capture suffer. */
    void play() throws SQLException {
        populate();
        perform(Step.START);
        if (changes.isPresent() && random.nextInt(3) == 0) {
            perform(Step.INSTALL_TRIGGERS);
        }
        for (int i = 1; i <= length.steps(); i++) {
            writers.get(random.nextInt(WRITERS)).step();
            if (i % LOOK_EVERY == 0) {
                look();
            }
            if (changes.isPresent() && random.nextInt(30) == 0) {
                Optional<SchemaChange> change = changes.get().next();
                if (change.isPresent()) {
                    change(change.get());
                    look();
                }
            }
            if (random.nextInt(120) == 0) {
                deadlock();
            }
            if (random.nextInt(140) == 0) {
                perform(List.of(Step.STOP, Step.KILL, Step.KILL_AND_FORGET).get(random.nextInt(3)));
            } else if (random.nextInt(30) == 0) {
                perform(Step.START);
            }
        }
        writers.forEach(Writer::settle);
        look();
        if (changes.isPresent()) {
            lookAtTablesOfNow();
        }
    }

    /** Looks at tables that stay as they are and are known so, which a restore can go back to. */
    private void lookAtTablesOfNow() throws SQLException {
        perform(Step.SETTLE);
        for (int i = 0; i < LAST_LOOKS; i++) {
            for (int n = 0; n < LOOK_EVERY; n++) {
                writers.get(random.nextInt(WRITERS)).step();
            }
            writers.forEach(Writer::settle);
            look();
        }
    }

    /** Alone or in a transaction with rows, that may be rolled back. */
    private void change(SchemaChange change) throws SQLException {
        writers.forEach(Writer::settle);
        boolean inPieces = change.kind() == SchemaChanges.Kind.PARTITION_ATTACHED
                || change.statements().size() == 1;
        if (inPieces && random.nextInt(3) > 0) {
            List<String> statements = change.statements();
            boolean done = true;
            for (String statement : statements.subList(0, statements.size() - 1)) {
                done = done && run(new Step(SCHEMA_SESSION, statement));
            }
            done = done && run(new Step(SCHEMA_SESSION, statements.getLast(), change.afterwards()));
            count(change, done);
            return;
        }
        boolean done = run(new Step(SCHEMA_SESSION, "BEGIN"));
        if (random.nextBoolean()) {
            done = done && rows();
        }
        for (String statement : change.statements()) {
            done = done && run(new Step(SCHEMA_SESSION, statement));
        }
        if (change.keepsNames() && random.nextBoolean()) {
            done = done && rows();
        }
        done = done && random.nextInt(5) > 0;
        run(done ? new Step(SCHEMA_SESSION, "COMMIT", change.afterwards()) : new Step(SCHEMA_SESSION, "ROLLBACK"));
        count(change, done);
    }

    private void count(SchemaChange change, boolean done) {
        if (done) {
            changed.merge(change.kind(), 1, Integer::sum);
        }
    }

    /** Made up by the session that alters tables: any other would wait for what it has locked. */
    private boolean rows() throws SQLException {
        boolean done = true;
        for (String statement : new StatementMaker(stage.session(SCHEMA_SESSION), random, stage.schema).next()) {
            done = done && run(new Step(SCHEMA_SESSION, statement));
        }
        return done;
    }

    /** What is refused, by a constraint or because something depends on it, did not happen. */
    private boolean run(Step step) throws SQLException {
        steps.add(step);
        try {
            stage.run(step);
            return true;
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.startsWith("08") || state.startsWith("42601")) {
                throw e;
            }
            return false;
        }
    }

    /** Two sessions lock two rows each, in opposite order. The server makes one give up; that one may keep a part. */
    private void deadlock() throws SQLException {
        writers.forEach(Writer::settle);
        List<String> one = maker.updatesOfOneRow();
        List<String> other = maker.updatesOfOneRow();
        if (one.isEmpty() || other.isEmpty()) {
            return;
        }
        int loser = SCHEMA_SESSION;
        int winner = loser + 1;
        run(new Step(loser, "BEGIN"));
        run(new Step(winner, "BEGIN"));
        String wait =
                "SET LOCAL lock_timeout = '" + Stage.LONGEST_WAIT.toMillis() + "ms'; SET LOCAL deadlock_timeout = ";
        run(new Step(loser, wait + "'1ms'"));
        run(new Step(winner, wait + "'1min'"));
        // what was done before the savepoint stays; what the other waits for goes with it
        boolean keepsPart = random.nextBoolean();
        if (keepsPart) {
            for (String statement : maker.updatesOfOneRow()) {
                run(new Step(loser, statement));
            }
            run(new Step(loser, "SAVEPOINT s"));
        }
        run(new Step(loser, one.get(0)));
        run(new Step(winner, other.get(0)));
        Step waiting = new Step(winner, one.get(1));
        boolean lost = !run(new Step(loser, other.get(1), schema -> {}, Optional.of(waiting)));
        deadlocks += lost ? 1 : 0;
        if (lost && keepsPart) {
            run(new Step(loser, "ROLLBACK TO s"));
        }
        run(new Step(loser, lost && !keepsPart ? "ROLLBACK" : "COMMIT"));
        run(new Step(winner, "COMMIT"));
    }

    /** How often a session gave up because of another. */
    int deadlocks() {
        return deadlocks;
    }

    /** How often a schema was changed so. */
    Map<SchemaChanges.Kind, Integer> changed() {
        return changed;
    }

    /** Restores some tenants to some of the positions, each over damage done since. */
    void restore(int times) throws SQLException {
        List<Truth> truths = List.copyOf(stage.truths);
        for (int i = 0; i < times; i++) {
            for (int n = random.nextInt(40); n > 0; n--) {
                writers.get(random.nextInt(WRITERS)).step();
            }
            writers.forEach(Writer::settle);
            int look = truths.size() - 1 - random.nextInt(changes.isPresent() ? LAST_LOOKS : truths.size());
            List<String> tenants = List.copyOf(truths.get(look).tenants());
            perform(Step.restore(tenants.get(random.nextInt(tenants.size())), look + 1));
        }
    }

    private void look() throws SQLException {
        perform(Step.look(++looks));
    }

    /** Neither the oracle nor capture, which is waited for, may wait for a table that a writer keeps locked. */
    private void perform(Step step) throws SQLException {
        writers.stream().filter(Writer::locksTables).forEach(Writer::settle);
        steps.add(step);
        stage.perform(step);
    }

    @Override
    public void close() throws SQLException {
        stage.close();
    }
}
