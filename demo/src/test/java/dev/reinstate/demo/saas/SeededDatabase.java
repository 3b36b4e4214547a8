package dev.reinstate.demo.saas;

import dev.reinstate.demo.server.EmbeddedServer;
import dev.reinstate.demo.terminal.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** A server with 30 seeded sites, ended and removed with the JVM; one is shared by the tests that put back what they change. */
public final class SeededDatabase {
    public static final int SITES = 30;
    public static final long SEED = 42;

    private static final SeededDatabase ONE = start();

    private final DataSource database;
    private final long rows;

    private SeededDatabase(DataSource database, long rows) {
        this.database = database;
        this.rows = rows;
    }

    public static SeededDatabase shared() {
        return ONE;
    }

    /** One that nobody else sees, for tests that write. */
    static SeededDatabase another() {
        return start();
    }

    private static SeededDatabase start() {
        try {
            Path directory = Files.createTempDirectory("demo-test");
            EmbeddedServer server = EmbeddedServer.start(directory.resolve("data"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, directory)));
            Seeder seeder = new Seeder(server.database(), silent());
            seeder.createSchema();
            return new SeededDatabase(server.database(), seeder.seed(SITES, 0.3, SEED));
        } catch (IOException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void end(EmbeddedServer server, Path directory) {
        server.stop();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Terminal silent() {
        return new Terminal(new PrintStream(OutputStream.nullOutputStream()), false, InstantSource.system());
    }

    public DataSource database() {
        return database;
    }

    public long rows() {
        return rows;
    }

    /** The first column of every row. */
    public List<String> query(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        }
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
