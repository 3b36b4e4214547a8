package dev.reinstate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.bench.peer.Drained;
import dev.reinstate.bench.peer.LogicalReceiver;
import dev.reinstate.bench.peer.PlainCopy;
import dev.reinstate.bench.server.BenchServer;
import dev.reinstate.bench.server.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The benches' data and peers at a size that shows only that they work. */
class WorkloadTest {
    private static final String CHANGES = """
            SELECT count(*) FROM pg_logical_slot_peek_binary_changes('bench_test', NULL, NULL,
                'proto_version', '1', 'publication_names', 'bench_test') WHERE get_byte(data, 0) IN (73, 85, 68)
            """;

    private static BenchServer server;

    @BeforeAll
    static void start() throws Exception {
        server = BenchServer.start(Optional.empty());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    static List<Workload> workloads() {
        return List.of(new PgbenchWorkload(3, 50), new SaasWorkload(3, 60));
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void saysExactlyHowManyRowsItChanged(Workload workload, @TempDir Path folder) throws Exception {
        Database database = server.createDatabase("test");
        workload.create(database);
        database.execute("CREATE PUBLICATION bench_test FOR TABLE " + String.join(", ", workload.tables()));
        database.execute("SELECT pg_create_logical_replication_slot('bench_test', 'pgoutput')");
        long changes = workload.fillBacklog(database, 40) + workload.fillBacklog(database, 10);
        assertThat(changes).isBetween(150L, 250L).isEqualTo(database.number(CHANGES));
        drain(database, folder);
        server.drop(database);
    }

    private static void drain(Database database, Path folder) throws Exception {
        Optional<LogicalReceiver> receiver = LogicalReceiver.find();
        assumeTrue(receiver.isPresent(), "no pg_recvlogical on this machine");
        String end = database.text("SELECT pg_current_wal_insert_lsn()");
        Drained drained = receiver.get().drain(database, "bench_test", "bench_test", end, folder);
        assertThat(drained.wall()).isPositive();
        assertThat(database.number(CHANGES)).isZero();
    }

    @Test
    void plainCopyPutsBackWhatItKept(@TempDir Path folder) throws Exception {
        Database database = server.createDatabase("test");
        new SaasWorkload(2, 40).create(database);
        String content = "SELECT md5(string_agg(i::text, ',' ORDER BY id)) FROM issue i";
        String before = database.text(content);
        PlainCopy kept = PlainCopy.keep(database, List.of(new TenantRows("issue", "true")), folder);
        database.execute("DELETE FROM comment; DELETE FROM issue");
        kept.load(database);
        assertThat(database.text(content)).isEqualTo(before);
        assertThat(kept.rows()).isEqualTo(80);
        server.drop(database);
    }
}
