package dev.reinstate.e2e.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.model.Lsn;
import dev.reinstate.postgres.Database;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of {@code traps}: SQL in, per-tenant history out, over the real server and a real capture. */
class TrapTest extends ProofTest {
    static List<String> traps() throws IOException, URISyntaxException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".txt"))
                    .filter(name -> name.contains(System.getProperty("reinstate.trap", "")))
                    .sorted()
                    .toList();
        }
    }

    private static Path folder() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(TrapTest.class.getResource("/traps"), "the folder traps")
                .toURI());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("traps")
    void theHistoryIsAsWritten(String name) throws Exception {
        TrapFile trap = TrapFile.read(folder().resolve(name));
        String database = "trap_" + name.replaceAll("[^a-z0-9]", "_");
        Database source = server.create(database);
        try (Connection control = server.connect(database)) {
            assumeTrue(
                    trap.requires().isEmpty()
                            || Database.serverVersion(control) / 10_000
                                    >= trap.requires().getAsInt(),
                    "the server is older than what this is about");
            String actual = play(trap, database, source, control);
            if (!actual.equals(trap.expected())) {
                System.out.println(name + " says instead:\n\ntenants:\n" + actual + "\n");
            }
            assertThat(actual).as(name).isEqualTo(trap.expected());
        } finally {
            server.drop(database);
        }
    }

    private String play(TrapFile trap, String database, Database source, Connection control) throws SQLException {
        for (String statement : OwnerLedger.markerDdl()) {
            Sql.run(control, statement);
        }
        for (String statement : trap.setup()) {
            Sql.run(control, statement);
        }
        TreeMap<Integer, Connection> sessions = new TreeMap<>();
        try (CaptureUnderTest capture = new CaptureUnderTest(
                source, trap.rules(), directory.resolve(database), CaptureSettings.Limits.DEFAULT)) {
            capture.perform(Step.START);
            // what is not in the log is not waited for where nothing of it happens
            Step ready = trap.looksAtTables() ? Step.SETTLE : Step.START;
            capture.perform(ready);
            Lsn from = OwnerLedger.mark(control);
            for (TrapFile.Line line : trap.history()) {
                if (line.session() == Step.CAPTURE) {
                    capture.perform(new Step(Step.CAPTURE, line.text()));
                } else {
                    run(line, database, sessions);
                }
            }
            capture.perform(ready);
            Lsn to = OwnerLedger.mark(control);
            OwnerLedger.mark(control);
            ArchiveReader archive = capture.durable(to);
            return new TrapHistory(archive).text(from, to);
        } finally {
            for (Connection session : sessions.values()) {
                session.close();
            }
        }
    }

    private static void run(TrapFile.Line line, String database, Map<Integer, Connection> sessions)
            throws SQLException {
        Connection session = sessions.get(line.session());
        if (session == null) {
            session = server.connect(database);
            sessions.put(line.session(), session);
        }
        try {
            Sql.run(session, line.text());
        } catch (SQLException e) {
            if (line.refused()) {
                return;
            }
            throw new IllegalStateException(line.text(), e);
        }
        if (line.refused()) {
            fail("the server was to refuse " + line.text());
        }
    }
}
