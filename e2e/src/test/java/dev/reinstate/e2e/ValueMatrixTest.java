package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.receipt.Receipt;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every value of every type comes back exactly, whichever way it came into the archive and whatever the sessions of the
 * database are set to.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ValueMatrixTest {
    private StoreUnderTest store;
    private CapturedMatrix captured;

    @BeforeAll
    void capture(@TempDir Path directory) {
        store = StoreUnderTest.empty("values");
        captured = new CapturedMatrix(store, directory);
    }

    @AfterAll
    void close() {
        captured.close();
    }

    @Test
    void theArchiveHasWhatPlainSqlSees() {
        assertThat(captured.matrix().valueCount()).isGreaterThan(250);
        assertThat(captured.matrix().keyTypes()).hasSizeGreaterThan(60);
        captured.requireArchived();
    }

    @Test
    void everyTenantIsRestoredExactly() {
        captured.matrix().damage();
        assertThat(captured.restoreInto(store, RestorePolicy.REPLACE))
                .extracting(TenantResult::outcome)
                .contains(Receipt.Outcome.RESTORED, Receipt.Outcome.ALREADY_RIGHT);
    }
}
