package dev.reinstate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DatabaseTest {
    private final TestServer server = TestServer.shared();

    private static Database at(String url) {
        return Database.of(url, Optional.of("me"), () -> Optional.of("s3cret"));
    }

    private static void assertFails(ThrowingCallable call, FailureKind kind, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
            assertThat(e).hasMessageContaining(message).hasMessageNotContaining("s3cret");
        });
    }

    @Test
    void pinsTheSession() throws SQLException {
        Database database = server.newDatabase();
        try (Connection connection = database.connect();
                Connection replication = database.connectReplication()) {
            for (Connection session : new Connection[] {connection, replication}) {
                assertThat(TestServer.text(session, "SHOW search_path")).isEqualTo("\"\"");
                assertThat(TestServer.text(session, "SHOW DateStyle")).startsWith("ISO");
                assertThat(TestServer.text(session, "SHOW IntervalStyle")).isEqualTo("postgres");
                assertThat(TestServer.text(session, "SHOW TimeZone")).isEqualTo("UTC");
                assertThat(TestServer.text(session, "SHOW bytea_output")).isEqualTo("hex");
                assertThat(TestServer.text(session, "SHOW extra_float_digits")).isEqualTo("3");
                assertThat(TestServer.text(session, "SHOW lc_monetary")).isEqualTo("C");
                assertThat(TestServer.text(session, "SHOW xmloption")).isEqualTo("content");
                assertThat(TestServer.text(session, "SHOW client_encoding")).isEqualTo("UTF8");
                assertThat(TestServer.text(session, "SHOW application_name")).isEqualTo("reinstate");
                assertThat(TestServer.text(session, "SHOW row_security")).isEqualTo("off");
            }
        }
    }

    @Test
    void neitherTimeoutsNorReadOnlyDefaultsOfARoleHold() throws SQLException {
        Database database = server.newDatabase();
        TestServer.execute(
                database,
                "CREATE ROLE hurried LOGIN",
                "ALTER ROLE hurried SET statement_timeout = '7s'",
                "ALTER ROLE hurried SET lock_timeout = '8s'",
                "ALTER ROLE hurried SET idle_in_transaction_session_timeout = '9s'",
                "ALTER ROLE hurried SET default_transaction_read_only = on");
        if (server.majorVersion() >= 17) {
            TestServer.execute(database, "ALTER ROLE hurried SET transaction_timeout = '10s'");
        }
        String name = database.displayName().replaceFirst(".*/", "");
        try (Connection connection = server.as(name, "hurried", "").connect()) {
            assertThat(TestServer.text(connection, "SHOW statement_timeout")).isEqualTo("0");
            assertThat(TestServer.text(connection, "SHOW lock_timeout")).isEqualTo("8s");
            assertThat(TestServer.text(connection, "SHOW idle_in_transaction_session_timeout"))
                    .isEqualTo("0");
            assertThat(TestServer.text(connection, "SHOW transaction_read_only"))
                    .isEqualTo("off");
            if (server.majorVersion() >= 17) {
                assertThat(TestServer.text(connection, "SHOW transaction_timeout"))
                        .isEqualTo("0");
            }
        }
    }

    @Test
    void tellsWhichStoreItIs() throws SQLException {
        Database database = server.newDatabase();
        try (Connection connection = database.connect();
                Connection replication = database.connectReplication()) {
            var identity = Database.identity(connection);
            assertThat(identity.timeline()).isEqualTo(1);
            assertThat(database.displayName()).endsWith("/" + identity.database());
            assertThat(identity.systemIdentifier()).isNotZero();
            assertThat(Database.identity(replication)).isEqualTo(identity);
            assertThat(Integer.toString(Database.serverVersion(connection)))
                    .isEqualTo(TestServer.text(connection, "SHOW server_version_num"))
                    .hasSize(6);
            assertThat(Database.isStandby(connection)).isFalse();
        }
    }

    @Test
    void knowsAPasswordInAUrl() {
        assertThat(Database.urlHoldsPassword("jdbc:postgresql://h/db?user=a&password=s3cret"))
                .isTrue();
        assertThat(Database.urlHoldsPassword("jdbc:postgresql://h/db?Password=s3cret"))
                .isTrue();
        assertThat(Database.urlHoldsPassword("postgresql://me:s3cret@h/db")).isTrue();
        assertThat(Database.urlHoldsPassword("jdbc:postgresql://h/db?user=a")).isFalse();
        assertThat(Database.urlHoldsPassword("jdbc:postgresql://h:5432/password"))
                .isFalse();
    }

    @Test
    void neverShowsAPassword() {
        Database database =
                at("jdbc:postgresql://h1:1,[::1]:2/my%20db?password=s3cret&sslmode=require&sslpassword=s3cret");
        assertThat(database).hasToString("h1:1,[::1]:2/my db");
        assertThat(database.safeUrl()).isEqualTo("jdbc:postgresql://h1:1,[::1]:2/my%20db?sslmode=require");
        assertThat(at("jdbc:postgresql://h/db?password=s3cret").safeUrl()).isEqualTo("jdbc:postgresql://h/db");
        assertThat(at("jdbc:postgresql:db").displayName()).isEqualTo("localhost:5432/db");
    }

    @Test
    void refusesWhatIsNoUrl() {
        assertFails(() -> at("postgres://me:s3cret@h/db"), FailureKind.INVALID, "is not a database's URL");
        assertFails(() -> at("jdbc:mysql://h/db?password=s3cret"), FailureKind.INVALID, "is not a database's URL");
        assertFails(() -> at("jdbc:postgresql://h/"), FailureKind.INVALID, "is not a database's URL");
    }

    @Test
    void connectsToADatabaseOfAnyName() throws SQLException {
        TestServer.execute(server.database("postgres"), "CREATE DATABASE \"Ünï code & more\"");
        Database database = Database.of(
                "jdbc:postgresql://localhost:" + server.port() + "/%C3%9Cn%C3%AF%20code%20%26%20more",
                Optional.of("postgres"),
                Optional::empty);
        try (Connection connection = database.connect()) {
            assertThat(Database.identity(connection).database()).isEqualTo("Ünï code & more");
        }
    }

    @Test
    void saysWhatIsWrongWithAConnection() {
        assertFails(() -> server.database("nowhere").connect(), FailureKind.INVALID, "nowhere");
        assertFails(() -> server.as("postgres", "nobody", "s3cret").connect(), FailureKind.INVALID, "nobody");
        assertFails(() -> at("jdbc:postgresql://localhost:1/db").connect(), FailureKind.UNAVAILABLE, "localhost:1");
        assertFails(
                () -> at("jdbc:postgresql://no-such-host.invalid/db").connect(),
                FailureKind.UNAVAILABLE,
                "no-such-host.invalid");
    }

    @Test
    void refusesADatabaseWhoseCharactersNobodyKnows() {
        TestServer.execute(
                server.database("postgres"),
                "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
        assertFails(() -> server.database("ascii").connect(), FailureKind.INVALID, "SQL_ASCII");
    }

    @Test
    void mapsAFullServerAndARoleThatMayNotReplicate() {
        TestServer.execute(
                server.database("postgres"), "CREATE ROLE narrow LOGIN CONNECTION LIMIT 0", "CREATE ROLE reader LOGIN");
        assertFails(
                () -> server.as("postgres", "narrow", "").connect(), FailureKind.UNAVAILABLE, "end other connections");
        assertFails(
                () -> server.as("postgres", "reader", "").connectReplication(), FailureKind.INVALID, "let an owner");
    }

    @Test
    void aReadOnlyServerIsNamed() throws SQLException {
        try (Connection connection = server.newDatabase().connect()) {
            Query.execute(connection, "Cannot set", "SET default_transaction_read_only = on");
            assertFails(
                    () -> Query.execute(connection, "Cannot write", "CREATE TABLE public.t ()"),
                    FailureKind.INVALID,
                    "standby, or the transaction was made read-only");
        }
    }

    @Test
    void asksForThePasswordTheServerWants() throws IOException, InterruptedException {
        // a server that asks for a clear-text password and then says that it is wrong
        try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(socket, "28P01", "password authentication failed for user \"me\""));
            assertFails(
                    () -> at("jdbc:postgresql://127.0.0.1:" + socket.getLocalPort()
                                    + "/db?gssEncMode=disable&sslmode=disable")
                            .connect(),
                    FailureKind.INVALID,
                    "password authentication failed");
        }
    }

    @Test
    void namesAPooler() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(socket, "08P01", "unsupported startup parameter: replication"));
            assertFails(
                    () -> at("jdbc:postgresql://127.0.0.1:" + socket.getLocalPort()
                                    + "/db?gssEncMode=disable&sslmode=disable")
                            .connectReplication(),
                    FailureKind.INVALID,
                    "pooler");
        }
    }

    /** Answers each start of a session with that error. */
    private static void answer(ServerSocket server, String state, String message) {
        try {
            while (true) {
                try (var session = server.accept()) {
                    session.getInputStream().readNBytes(8);
                    byte[] fields =
                            ("SFATAL\0VFATAL\0C" + state + "\0M" + message + "\0\0").getBytes(StandardCharsets.UTF_8);
                    var out = new java.io.DataOutputStream(session.getOutputStream());
                    out.writeByte('E');
                    out.writeInt(fields.length + 4);
                    out.write(fields);
                    out.flush();
                    session.shutdownOutput();
                    session.getInputStream().readAllBytes();
                }
            }
        } catch (IOException e) {
            // the test is over
        }
    }
}
