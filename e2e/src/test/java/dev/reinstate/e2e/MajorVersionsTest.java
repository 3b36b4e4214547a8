package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was captured from an older PostgreSQL comes back in a newer one, every value of every type. */
class MajorVersionsTest {
    @Test
    void everyValueComesBackInANewerMajorVersion(@TempDir Path directory) {
        Optional<PostgresServer> older = PostgresServer.older();
        assumeTrue(older.isPresent(), "no binaries of an older PostgreSQL for this machine");
        try (StoreUnderTest target = StoreUnderTest.empty("values_of_older");
                CapturedMatrix captured =
                        new CapturedMatrix(StoreUnderTest.emptyOn(older.orElseThrow(), "values"), directory)) {
            int from = captured.majorVersion();
            int to = target.majorVersion();
            assumeTrue(from < to, "the other PostgreSQL, " + to + ", is no newer than " + from);
            assertThat(captured.matrix().valueCount()).isGreaterThan(250);
            assertThat(captured.matrix().keyTypes()).hasSizeGreaterThan(60);
            captured.requireArchived();
            captured.createIn(target);
            assertThat(captured.restoreInto(target, RestorePolicy.INTO_EMPTY))
                    .extracting(TenantResult::outcome)
                    .containsOnly(Receipt.Outcome.RESTORED);
        }
    }
}
