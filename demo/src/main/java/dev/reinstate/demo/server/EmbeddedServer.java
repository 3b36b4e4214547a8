package dev.reinstate.demo.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * PostgreSQL from Maven artifacts, set as a production server would be: commits are durable. It is a process of its own
 * and outlives this JVM unless it is stopped.
 */
public final class EmbeddedServer {
    /** Who may do everything. */
    public static final String USER = "postgres";

    private static final String DATABASE = "postgres";
    private static final Duration STARTUP = Duration.ofSeconds(60);
    private static final Duration SHUTDOWN = Duration.ofSeconds(60);

    private final int port;
    private final RecordedProcess postmaster;

    private EmbeddedServer(int port, RecordedProcess postmaster) {
        this.port = port;
        this.postmaster = postmaster;
    }

    /**
     * Makes a database cluster and starts it on a free port.
     *
     * @param data does not exist yet; its parent does
     */
    public static EmbeddedServer start(Path data) throws IOException {
        EmbeddedPostgres started = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(STARTUP)
                .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
                .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("wal_level", "logical")
                .setServerConfig("max_connections", "60")
                .setServerConfig("max_wal_size", "4GB")
                .setServerConfig("shared_buffers", "256MB")
                .start();
        return new EmbeddedServer(started.getPort(), postmaster(data));
    }

    /** The first line of {@code postmaster.pid} is the server's pid. */
    private static RecordedProcess postmaster(Path data) throws IOException {
        long pid = Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
        return ProcessHandle.of(pid)
                .map(RecordedProcess::of)
                .orElseThrow(() -> new IOException("PostgreSQL (pid " + pid + ") ended right after it started"));
    }

    public int port() {
        return port;
    }

    public RecordedProcess postmaster() {
        return postmaster;
    }

    /** As a user would write it; without credentials. */
    public String url() {
        return "jdbc:postgresql://localhost:" + port + "/" + DATABASE;
    }

    /** Connections whose values have one text form only. */
    public DataSource database() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url());
        source.setUser(USER);
        source.setApplicationName("demo");
        source.setOptions("-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1"
                + " -c bytea_output=hex -c jit=off");
        return source;
    }

    /** Stops it and waits; open connections are ended. */
    public void stop() {
        postmaster.end("INT", SHUTDOWN);
    }
}
