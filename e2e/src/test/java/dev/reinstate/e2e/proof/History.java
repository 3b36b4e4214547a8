package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** One seed: a schema, what was done to it, what was true meanwhile, and what the archive made of it. */
final class History implements AutoCloseable {
    private static final int WRITERS = 4;
    private static final int LOOK_EVERY = 23;
    private static final int TENANTS = 6;

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
    private final Length length;
    private final Random random;
    private final Optional<SchemaChanges> changes;
    private final List<Writer> writers = new ArrayList<>();

    History(ProofServer server, long seed, Length length, Path directory) throws SQLException {
        this.length = length;
        this.random = new Random(seed);
        ProofSchema schema = SchemaGenerator.generate(random);
        CaptureSettings.Limits limits = random.nextInt(3) == 0 ? Stage.TINY : CaptureSettings.Limits.DEFAULT;
        this.stage = new Stage(server, "proof_" + Long.toUnsignedString(seed, 36), schema, directory, limits);
        this.changes = random.nextInt(3) == 0 ? Optional.of(new SchemaChanges(random, schema)) : Optional.empty();
        populate();
        for (int i = 1; i <= WRITERS; i++) {
            writers.add(new Writer(i, stage.session(i), new Random(random.nextLong()), schema, steps::add));
        }
    }

    private void populate() throws SQLException {
        StatementMaker maker = new StatementMaker(stage.session(1), random, stage.schema);
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

    /** Lets the writers write, the oracle look and capture suffer; returns the archive when all of it is durable. */
    ArchiveReader play() throws SQLException {
        perform(Step.START);
        for (int i = 1; i <= length.steps(); i++) {
            writers.get(random.nextInt(WRITERS)).step();
            if (i % LOOK_EVERY == 0) {
                look();
            }
            if (changes.isPresent() && random.nextInt(60) == 0) {
                change(changes.get().next());
            }
            if (random.nextInt(140) == 0) {
                perform(List.of(Step.STOP, Step.KILL, Step.KILL_AND_FORGET).get(random.nextInt(3)));
            } else if (random.nextInt(30) == 0) {
                perform(Step.START);
            }
        }
        writers.forEach(Writer::settle);
        look();
        return stage.archive();
    }

    private void change(SchemaChanges.SchemaChange change) throws SQLException {
        writers.forEach(Writer::settle);
        steps.add(new Step(1, change.sql()));
        Sql.run(stage.session(1), change.sql());
        change.afterwards().run();
    }

    /** Whether all tables are what they were at every look. */
    boolean keptItsSchema() {
        return changes.isEmpty();
    }

    /** Restores some tenants to some of the positions, each over damage done since. */
    List<String> restore(int times, RestoreComparison comparison) throws SQLException {
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            for (int n = random.nextInt(40); n > 0; n--) {
                writers.get(random.nextInt(WRITERS)).step();
            }
            writers.forEach(Writer::settle);
            Truth then = stage.truths.get(random.nextInt(stage.truths.size()));
            List<String> tenants = List.copyOf(then.tenants());
            look();
            differences.addAll(comparison.compare(stage.archive(), tenants.get(random.nextInt(tenants.size())), then));
        }
        return differences;
    }

    private void look() throws SQLException {
        writers.stream().filter(Writer::locksTables).forEach(Writer::settle);
        perform(Step.CHECK);
    }

    private void perform(Step step) throws SQLException {
        steps.add(step);
        stage.perform(step);
    }

    @Override
    public void close() throws SQLException {
        stage.close();
    }
}
