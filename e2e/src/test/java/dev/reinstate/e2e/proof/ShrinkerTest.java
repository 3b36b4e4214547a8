package dev.reinstate.e2e.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.capture.CaptureSettings;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With an archive that is seen wrong on purpose, a long history becomes the few statements that show it. */
class ShrinkerTest {
    private static final int MOST_STATEMENTS = 15;

    private static ProofServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void startServer() throws IOException {
        server = ProofServer.start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @Test
    void aFailingHistoryBecomesAFewStatements() throws Exception {
        ProofSchema schema;
        List<Step> steps;
        try (History history = new History(server, 42, new History.Length(2, 40), directory)) {
            history.play();
            schema = history.stage.schema;
            steps = List.copyOf(history.steps);
        }
        Replay wrong = replay(true);
        Shrinker.Small small =
                new Shrinker((s, some) -> !wrong.differences(s, some).isEmpty()).shrink(schema, steps);
        List<String> differences = wrong.differences(small.schema(), small.steps());
        assertThat(differences).isNotEmpty().allMatch(difference -> difference.contains("comment"));
        assertThat(small.steps()).hasSizeBetween(2, MOST_STATEMENTS);
        assertThat(steps.size()).isGreaterThan(MOST_STATEMENTS * 5);
        assertThat(replay(false).differences(small.schema(), small.steps())).isEmpty();
        String script = Files.readString(Script.write(directory.resolve("small.sql"), small, differences));
        assertThat(script).contains("the archive lacks", "INSERT INTO", "CREATE TABLE", "-- capture: start");
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
