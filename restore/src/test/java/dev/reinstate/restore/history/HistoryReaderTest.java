package dev.reinstate.restore.history;

import static dev.reinstate.restore.history.TestHistory.NOON;
import static dev.reinstate.restore.history.TestHistory.TENANT;
import static dev.reinstate.restore.history.TestHistory.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.TableName;
import dev.reinstate.restore.receipt.ReceiptJson;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryReaderTest {
    private static final TableName PAGE = TableName.parse("page");

    @TempDir
    Path directory;

    @Test
    void changesAreAddedUpOverTimeAndBigDeletionsMarked() {
        TestHistory told = new TestHistory(directory, 100, 0);
        told.at(1, Operation.INSERT, "page", rows(101, 110));
        told.at(2, Operation.UPDATE, "page", rows(1, 5), Operation.DELETE, "page", rows(6, 6));
        Lsn big = told.at(100, Operation.DELETE, "page", rows(7, 106), Operation.DELETE, "site", rows(1, 1));

        History history = new HistoryReader(told.reader()).read(TENANT, Optional.empty(), Optional.empty());

        assertThat(history.bucketWidth()).isEqualTo(Duration.ofSeconds(5));
        assertThat(history.buckets()).hasSize(2);
        assertThat(history.buckets().getFirst().transactions()).isEqualTo(2);
        assertThat(history.buckets().getFirst().tables().get(PAGE)).isEqualTo(new History.Totals(10, 5, 1));
        assertThat(history.totals().get(PAGE)).isEqualTo(new History.Totals(10, 5, 101));
        assertThat(history.bigDeletions()).extracting(Deletion::position).containsExactly(big);
        assertThat(history.bigDeletions().getFirst().deleted().total()).isEqualTo(101);
        assertThat(history.gone()).isTrue();
        assertThat(ReceiptJson.mapper().writeValueAsString(history)).contains("\"public.page\"", big.toString());
    }

    @Test
    void sinceAndUntilCutIt() {
        TestHistory told = new TestHistory(directory, 100, 0);
        told.at(1, Operation.DELETE, "page", rows(1, 1));
        told.at(10, Operation.DELETE, "page", rows(2, 3));
        told.at(20, Operation.DELETE, "page", rows(4, 10));

        History history = new HistoryReader(told.reader())
                .read(TENANT, Optional.of(NOON.plusSeconds(5)), Optional.of(NOON.plusSeconds(15)));

        assertThat(history.totals().get(PAGE)).isEqualTo(new History.Totals(0, 0, 2));
        assertThat(history.gone()).isFalse();
    }

    @Test
    void aTruncationCountsTheRowsThereWere() {
        TestHistory told = new TestHistory(directory, 100, 0);
        told.at(1, Operation.TRUNCATE, "page", rows(0, 0), Operation.INSERT, "page", rows(1, 2));

        History history = new HistoryReader(told.reader()).read(TENANT, Optional.empty(), Optional.empty());

        assertThat(history.totals().get(PAGE)).isEqualTo(new History.Totals(2, 0, 100));
    }
}
