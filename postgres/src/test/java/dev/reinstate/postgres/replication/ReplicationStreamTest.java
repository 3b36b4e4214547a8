package dev.reinstate.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.TestServer;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import dev.reinstate.postgres.replication.ReplicationSlots.CreatedSlot;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReplicationStreamTest {
    private static final Duration STATUS = Duration.ofSeconds(1);
    private static final TableName NOTE = new TableName("public", "note");

    private final TestServer server = TestServer.shared();
    private Database database;
    private SourceNames names;
    private CreatedSlot slot;

    @BeforeEach
    void createSlot() throws SQLException {
        database = server.newDatabase();
        names = SourceNames.ofStore(database.displayName().replaceAll(".*/", ""));
        TestServer.execute(database, "CREATE TABLE public.note (id int PRIMARY KEY, text text)");
        try (Connection connection = database.connect();
                Connection replication = database.connectReplication()) {
            Publications.apply(
                    connection, names, new Publications.Wanted(new TreeSet<>(Set.of(NOTE)), new TreeSet<>()));
            slot = ReplicationSlots.create(replication, names.slot());
        }
    }

    @AfterEach
    void dropSlot() throws SQLException {
        try (Connection connection = database.connect()) {
            awaitDrop(connection, names.slot());
        }
    }

    private ReplicationStream start(Lsn from, Duration patience) {
        return ReplicationStream.start(database, names, from, patience, STATUS);
    }

    private ReplicationStream start(Lsn from) {
        return start(from, Duration.ofSeconds(10));
    }

    private void insert(int id) {
        TestServer.execute(database, "INSERT INTO public.note VALUES (" + id + ", 'text')");
    }

    private static PgOutputMessage.Commit nextCommit(ReplicationStream stream) {
        List<PgOutputMessage> messages = StreamReader.until(stream, m -> m instanceof PgOutputMessage.Commit);
        return (PgOutputMessage.Commit) messages.getLast();
    }

    @Test
    void sendsAgainWhatWasNotConfirmedAndNothingElse() {
        PgOutputMessage.Commit first;
        PgOutputMessage.Commit second;
        try (ReplicationStream stream = start(slot.consistentPoint())) {
            insert(1);
            insert(2);
            first = nextCommit(stream);
            second = nextCommit(stream);
            assertThat(stream.lastReceivedLsn()).isEqualTo(second.endLsn());
            stream.confirm(first.endLsn());
        }
        try (ReplicationStream stream = start(first.endLsn())) {
            assertThat(nextCommit(stream)).isEqualTo(second);
        }
    }

    @Test
    void tellsHowFarAnIdleServerHasDecoded() {
        try (ReplicationStream stream = start(slot.consistentPoint())) {
            TestServer.execute(database, "CREATE TABLE public.unpublished (id int)", "CHECKPOINT");
            Lsn end = serverPosition();
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (stream.serverEndLsn().isBefore(end) && System.nanoTime() < deadline) {
                stream.read(Duration.ofMillis(100));
            }
            assertThat(stream.serverEndLsn()).isGreaterThanOrEqualTo(end);
        }
    }

    private Lsn serverPosition() {
        try (Connection connection = database.connect()) {
            return Lsn.parse(TestServer.text(connection, "SELECT pg_current_wal_lsn()::text"));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void refusesASecondReaderWhileTheFirstLives() {
        try (ReplicationStream first = start(slot.consistentPoint())) {
            assertThat(first.read(Duration.ofMillis(10))).isNotNull();
            assertThatThrownBy(() -> start(slot.consistentPoint(), Duration.ZERO))
                    .isInstanceOfSatisfying(ReinstateException.class, e -> {
                        assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT);
                        assertThat(e).hasMessageContaining("another capture");
                    });
            try (Connection connection = database.connect()) {
                assertThatThrownBy(() -> ReplicationSlots.drop(connection, names.slot()))
                        .isInstanceOfSatisfying(
                                ReinstateException.class,
                                e -> assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT));
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void saysThatAMissingSlotNeedsANewImage() throws SQLException {
        try (Connection connection = database.connect()) {
            assertThat(ReplicationSlots.drop(connection, names.slot())).isTrue();
            assertThat(ReplicationSlots.drop(connection, names.slot())).isFalse();
            assertThat(ReplicationSlots.state(connection, names.slot())).isEmpty();
        }
        assertThatThrownBy(() -> start(slot.consistentPoint())).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
            assertThat(e.next()).contains("new image");
        });
    }

    @Test
    void saysThatASlotWhichTheServerGaveUpNeedsANewImage() throws SQLException {
        try (Connection connection = database.connect();
                ReplicationStream stream = start(slot.consistentPoint())) {
            TestServer.execute(database, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
            TestServer.execute(database, "SELECT pg_reload_conf()");
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            int id = 0;
            while (ReplicationSlots.state(connection, names.slot())
                    .orElseThrow()
                    .isUsable()) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                insert(++id);
                TestServer.execute(database, "SELECT pg_switch_wal()", "CHECKPOINT");
            }
            assertThatThrownBy(() -> readFor(stream, Duration.ofSeconds(20)))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE));
        } finally {
            TestServer.execute(database, "ALTER SYSTEM RESET max_slot_wal_keep_size");
            TestServer.execute(database, "SELECT pg_reload_conf()");
        }
        assertThatThrownBy(() -> start(slot.consistentPoint())).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
            assertThat(e).hasMessageContaining("invalidated it (wal_removed)");
            assertThat(e.next()).contains("new image");
        });
    }

    @Test
    void refusesToGoOnFromBeforeWhatTheSlotHasForgotten() {
        PgOutputMessage.Commit commit;
        try (ReplicationStream stream = start(slot.consistentPoint())) {
            insert(1);
            commit = nextCommit(stream);
            stream.confirm(commit.endLsn());
        }
        assertThatThrownBy(() -> start(slot.consistentPoint())).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
            assertThat(e).hasMessageContaining("someone else has read");
        });
    }

    @Test
    void failsWhenTheServerEndsTheSession() throws SQLException {
        try (ReplicationStream stream = start(slot.consistentPoint());
                Connection connection = database.connect()) {
            TestServer.text(
                    connection,
                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = '"
                            + names.slot() + "'");
            assertThatThrownBy(() -> stream.read(Duration.ofSeconds(10)))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE));
        }
    }

    @Test
    @Timeout(30)
    void noticesALineThatWasCutWithoutAWord() {
        String name = database.displayName().replaceAll(".*/", "");
        try (CuttableProxy proxy = new CuttableProxy(server.port())) {
            Database far = Database.of(
                    "jdbc:postgresql://localhost:" + proxy.port() + "/" + name,
                    Optional.of("postgres"),
                    Optional::empty);
            try (ReplicationStream stream = ReplicationStream.start(
                    far, names, slot.consistentPoint(), Duration.ZERO, STATUS, Duration.ofMillis(500))) {
                insert(1);
                nextCommit(stream);
                readFor(stream, Duration.ofSeconds(2));
                proxy.cut();
                assertThatThrownBy(() -> readFor(stream, Duration.ofSeconds(20)))
                        .isInstanceOfSatisfying(
                                ReinstateException.class,
                                e -> assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE));
            }
        }
        TestServer.execute(
                database,
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active_pid IS NOT NULL");
    }

    private static void readFor(ReplicationStream stream, Duration duration) {
        long deadline = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < deadline) {
            stream.read(Duration.ofMillis(50));
        }
    }

    @Test
    void showsTheSlotsState() throws SQLException {
        insert(1);
        try (Connection connection = database.connect()) {
            var state = ReplicationSlots.state(connection, names.slot()).orElseThrow();
            assertThat(state.isUsable()).isTrue();
            assertThat(state.activePid()).isEmpty();
            assertThat(state.confirmedFlushLsn()).contains(slot.consistentPoint());
            assertThat(state.retainedBytes()).isPositive();
            assertThat(state.walStatus()).contains("reserved");
        }
    }

    @Test
    void theSnapshotHoldsExactlyWhatTheStreamDoesNot() throws SQLException {
        SourceNames other = SourceNames.ofStore("snapshot_test");
        insert(1);
        try (Connection replication = database.connectReplication();
                Connection connection = database.connect()) {
            Publications.apply(
                    connection, other, new Publications.Wanted(new TreeSet<>(Set.of(NOTE)), new TreeSet<>()));
            CreatedSlot created = ReplicationSlots.create(replication, other.slot());
            insert(2);
            ReplicationSlots.useSnapshot(connection, created);
            assertThat(TestServer.text(connection, "SELECT string_agg(id::text, ',') FROM public.note"))
                    .isEqualTo("1");
            connection.rollback();
            connection.setAutoCommit(true);
            try (ReplicationStream stream =
                    ReplicationStream.start(database, other, created.consistentPoint(), Duration.ZERO, STATUS)) {
                List<PgOutputMessage> messages = StreamReader.until(stream, m -> m instanceof PgOutputMessage.Commit);
                assertThat(messages)
                        .filteredOn(PgOutputMessage.Insert.class::isInstance)
                        .hasSize(1);
            }
            assertThatThrownBy(() -> ReplicationSlots.create(replication, other.slot()))
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT));
            awaitDrop(connection, other.slot());
        }
    }

    private static void awaitDrop(Connection connection, String slot) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (true) {
            try {
                ReplicationSlots.drop(connection, slot);
                return;
            } catch (ReinstateException e) {
                if (e.kind() != FailureKind.CONFLICT || System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    @Test
    void showsWhatTheSlotsCreationWaitsFor() throws SQLException {
        try (Connection writer = database.connect();
                Connection connection = database.connect()) {
            writer.setAutoCommit(false);
            TestServer.text(writer, "INSERT INTO public.note VALUES (7, 'open') RETURNING id");
            assertThat(ReplicationSlots.openTransactions(connection))
                    .anySatisfy(t -> assertThat(t.applicationName()).isEqualTo("reinstate"));
            writer.rollback();
        }
    }
}
