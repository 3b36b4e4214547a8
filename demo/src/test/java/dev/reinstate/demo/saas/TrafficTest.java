package dev.reinstate.demo.saas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.demo.oracle.Census;
import dev.reinstate.demo.oracle.Oracle;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users write, wait at the gate, are counted exactly, and leave deleted sites alone. */
class TrafficTest {
    private static final long SEED = 7;

    private static final SeededDatabase SEEDED = SeededDatabase.another();
    private final Census census = new Census(SEEDED.database());
    private final Gate gate = new Gate();
    private final Ledger ledger = new Ledger(InstantSource.system());
    private final List<String> busy =
            IntStream.rangeClosed(1010, 1029).mapToObj(n -> "site-" + n).toList();
    private Traffic traffic = new Traffic(SEEDED.database(), gate, ledger, busy, 2000);

    @BeforeEach
    void start() {
        traffic = new Traffic(SEEDED.database(), gate, ledger, busy, 2000);
    }

    @AfterEach
    void stop() {
        traffic.close();
        assertThat(traffic.errors()).isEmpty();
    }

    @Test
    void everyKindOfActionIsDoneAndTheLedgerIsExact() throws Exception {
        Census.Rows before = census.rows();
        traffic.start(4, SEED);
        await(() -> traffic.kindsCommitted().size() == Traffic.actions().size() && ledger.transactions() > 1000);

        try (Gate.Pass held = gate.hold()) {
            Census.Rows after = census.rows();
            for (String site : busy) {
                for (Ownership.Table table : Ownership.TABLES) {
                    assertThat(after.at(site, table.name()))
                            .as("%s %s, seed %d", site, table.name(), SEED)
                            .isEqualTo(before.at(site, table.name()) + ledger.balance(site, table.name()));
                }
            }
            assertThat(busy)
                    .anySatisfy(site ->
                            assertThat(ledger.balance(site, "tracker.comment")).isNotZero());
        }
    }

    @Test
    void nothingIsWrittenWhileTheGateIsHeld() throws Exception {
        traffic.start(4, SEED);
        await(() -> ledger.transactions() > 50);

        try (Gate.Pass held = gate.hold()) {
            String open =
                    "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()";
            assertThat(SEEDED.query(open)).containsExactly("0");
            long transactions = ledger.transactions();
            String next = SEEDED.query("SELECT pg_snapshot_xmax(pg_current_snapshot())")
                    .getFirst();
            Thread.sleep(300);
            assertThat(SEEDED.query("SELECT pg_snapshot_xmax(pg_current_snapshot())"))
                    .containsExactly(next);
            assertThat(ledger.transactions()).isEqualTo(transactions);
        }
        long transactions = ledger.transactions();
        await(() -> ledger.transactions() > transactions + 50);
    }

    @Test
    void usersOfADeletedSiteGiveUpAndItsRowsGoToTheLast(@TempDir Path directory) throws Exception {
        Oracle oracle = new Oracle(SEEDED.database(), directory);
        LegacyAppRemoval script = new LegacyAppRemoval(SEEDED.database(), InstantSource.system());
        traffic.start(4, SEED);
        await(() -> ledger.transactions() > 100);

        for (LegacyAppRemoval.Way way : LegacyAppRemoval.Way.values()) {
            String site = way == LegacyAppRemoval.Way.AT_ONCE ? "site-1011" : "site-1012";
            try (Gate.Pass held = gate.hold()) {
                assertThat(oracle.record(site).rows()).isPositive();
                ledger.watch(site);
            }
            for (LegacyAppRemoval.Step step : LegacyAppRemoval.steps(way, List.of(site))) {
                assertThat(script.run(step).rows()).isPositive();
            }
            assertThat(oracle.record(site).rows()).isZero();
            assertThat(census.rows().of(site)).isZero();
        }
        long transactions = ledger.transactions();
        await(() -> ledger.transactions() > transactions + 100);
        assertThat(traffic.errors()).isEmpty();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(40));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waited for too long").isBefore(deadline);
            Thread.sleep(10);
        }
    }
}
