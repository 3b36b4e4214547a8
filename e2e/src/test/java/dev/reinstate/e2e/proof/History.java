package dev.reinstate.e2e.proof;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One seed: a schema, what was done to it, what was true meanwhile, and what the archive made of it. */
final class History implements AutoCloseable {
    private static final int WRITERS = 4;
    private static final int STEPS = 700;
    private static final int LOOKS = 30;
    private static final int TENANTS = 6;

    final long seed;
    /** All that was done after the schema was made. */
    final List<Step> steps = new ArrayList<>();

    final Stage stage;
    private final Random random;
    private final List<Writer> writers = new ArrayList<>();

    History(ProofServer server, long seed, Path directory) throws SQLException {
        this.seed = seed;
        this.random = new Random(seed);
        ProofSchema schema = SchemaGenerator.generate(random);
        CaptureSettings.Limits limits = random.nextInt(3) == 0 ? Stage.TINY : CaptureSettings.Limits.DEFAULT;
        this.stage = new Stage(server, "proof_" + Long.toUnsignedString(seed, 36), schema, directory, limits);
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
        for (int i = 0; i < 6; i++) {
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
        for (int i = 1; i <= STEPS; i++) {
            writers.get(random.nextInt(WRITERS)).step();
            if (i % (STEPS / LOOKS) == 0) {
                look();
            }
            if (random.nextInt(STEPS) < 5) {
                perform(List.of(Step.STOP, Step.KILL, Step.KILL_AND_FORGET).get(random.nextInt(3)));
            } else if (random.nextInt(30) == 0) {
                perform(Step.START);
            }
        }
        writers.forEach(Writer::settle);
        look();
        return stage.archive();
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
