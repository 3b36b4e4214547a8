package dev.reinstate.e2e.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.capture.CaptureSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** With an archive that is seen wrong on purpose, a long history becomes the few statements that show it. */
class ShrinkerTest extends ProofTest {
    private static final int MOST_STATEMENTS = 15;

    /** A history, and the schema it is about. */
    private record Played(ProofSchema schema, List<Step> steps) {}

    private Played played() throws SQLException {
        try (History history = new History(server, 42, new History.Length(2, 40), directory)) {
            history.play();
            return new Played(history.stage.schema, List.copyOf(history.steps));
        }
    }

    @Test
    void aFailingHistoryBecomesAFewStatements() throws Exception {
        Played played = played();
        Optional<Shrinker.Small> shrunk = run().shrink(
                        played.schema(),
                        played.steps(),
                        CaptureSettings.Limits.DEFAULT,
                        new Difference("rows the archive lacks", "a comment"),
                        ShrinkerTest::withoutComments);
        assertThat(shrunk).isPresent();
        Shrinker.Small small = shrunk.get();
        List<Difference> differences = replay(true).differences(small.schema(), small.steps());
        assertThat(differences)
                .isNotEmpty()
                .allMatch(difference -> difference.text().contains("comment"));
        assertThat(small.steps()).hasSizeBetween(2, MOST_STATEMENTS);
        assertThat(played.steps().size()).isGreaterThan(MOST_STATEMENTS * 5);
        assertThat(replay(false).differences(small.schema(), small.steps())).isEmpty();
        String script = Files.readString(Script.write(directory.resolve("small.sql"), small, differences));
        assertThat(script).contains("the archive lacks", "INSERT INTO", "CREATE TABLE", "-- capture: start");
    }

    @Test
    void anotherFailureIsNotTakenForIt() throws Exception {
        Played played = played();
        assertThat(run().shrink(
                                played.schema(),
                                played.steps(),
                                CaptureSettings.Limits.DEFAULT,
                                new Difference("a restore differs", "which it does not"),
                                ShrinkerTest::withoutComments))
                .isEmpty();
    }

    @Test
    void itEndsWhenItsBudgetIsSpent() {
        List<Step> steps = IntStream.range(0, 1000)
                .mapToObj(n -> new Step(1, "SELECT " + n))
                .toList();
        AtomicInteger tries = new AtomicInteger();
        Shrinker shrinker = new Shrinker(
                (schema, some) -> {
                    tries.incrementAndGet();
                    return some.contains(steps.getFirst()) && some.contains(steps.getLast());
                },
                new Shrinker.Budget(20, Duration.ofHours(1)));
        ProofSchema schema = SchemaGenerator.generate(new Random(1));
        Optional<Shrinker.Small> small = shrinker.shrink(schema, steps);
        assertThat(tries).hasValue(20);
        assertThat(small).isPresent();
        assertThat(small.get().steps())
                .contains(steps.getFirst(), steps.getLast())
                .hasSizeLessThanOrEqualTo(1000);
    }

    private ProofRun run() {
        return new ProofRun(server, directory, directory);
    }

    private Replay replay(boolean wrong) {
        return new Replay(
                server,
                directory,
                CaptureSettings.Limits.DEFAULT,
                archive -> wrong ? withoutComments(archive) : archive);
    }

    /** Mislays every row of the table of comments. */
    private static ArchiveReader withoutComments(ArchiveReader archive) {
        return (ArchiveReader) Proxy.newProxyInstance(
                ArchiveReader.class.getClassLoader(),
                new Class<?>[] {ArchiveReader.class},
                (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(archive, arguments);
                        return result instanceof ArchiveReader.RowStream rows ? mislaid(rows) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static ArchiveReader.RowStream mislaid(ArchiveReader.RowStream rows) {
        List<FoldedRow> kept = new ArrayList<>();
        try (rows) {
            rows.forEachRemaining(row -> {
                if (!row.table().name().name().startsWith("comment")) {
                    kept.add(row);
                }
            });
        }
        Iterator<FoldedRow> iterator = kept.iterator();
        return new ArchiveReader.RowStream() {
            @Override
            public boolean hasNext() {
                return iterator.hasNext();
            }

            @Override
            public FoldedRow next() {
                return iterator.next();
            }

            @Override
            public void close() {}
        };
    }
}
