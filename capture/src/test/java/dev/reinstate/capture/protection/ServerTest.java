package dev.reinstate.capture.protection;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tests of one class on a server of their own, each with a folder of its own. */
abstract class ServerTest {
    static EmbeddedPostgres server;

    @TempDir
    Path directory;

    @BeforeAll
    static void startServer() throws IOException {
        server = CaptureHarness.startServer();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }
}
