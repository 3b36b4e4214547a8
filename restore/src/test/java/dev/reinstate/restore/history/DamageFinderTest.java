package dev.reinstate.restore.history;

import static dev.reinstate.restore.history.TestHistory.NOON;
import static dev.reinstate.restore.history.TestHistory.TENANT;
import static dev.reinstate.restore.history.TestHistory.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageFinderTest {
    @TempDir
    Path directory;

    private TestHistory history;

    @BeforeEach
    void begin() {
        history = new TestHistory(directory, 100, 40);
    }

    private Damage find() {
        return new DamageFinder(history.reader(), DamageFinder.DEFAULT_BURST_GAP).find(TENANT);
    }

    @Test
    void aDeletionInOneTransactionIsItsOwnBurst() {
        history.at(1, Operation.UPDATE, "page", rows(1, 1));
        Lsn deletion = history.at(10, Operation.DELETE, "site", rows(1, 1), Operation.DELETE, "page", rows(1, 100));

        Damage damage = find();

        assertThat(damage.position()).isEqualTo(deletion.previous());
        assertThat(damage.burst()).hasSize(1);
        assertThat(damage.deletedRows()).isEqualTo(101);
        assertThat(damage.loss()).isEqualTo(Damage.Loss.NONE);
    }

    @Test
    void childrenDeletedInEarlierTransactionsBelongToTheDamage() {
        history.at(1, Operation.INSERT, "note", rows(41, 42));
        Lsn first = history.at(10, Operation.DELETE, "note", rows(1, 20));
        history.at(20, Operation.UPDATE, "page", rows(7, 8)); // users go on
        history.at(35, Operation.DELETE, "page", rows(1, 100));
        history.at(60, Operation.DELETE, "site", rows(1, 1));

        Damage damage = find();

        assertThat(damage.position()).isEqualTo(first.previous());
        assertThat(damage.begin()).isEqualTo(NOON.plusSeconds(10));
        assertThat(damage.end()).isEqualTo(NOON.plusSeconds(60));
        assertThat(damage.burst())
                .extracting(d -> d.deleted().rows())
                .containsExactly(
                        new TreeMap<>(Map.of(TableName.parse("note"), 20L)),
                        new TreeMap<>(Map.of(TableName.parse("page"), 100L)),
                        new TreeMap<>(Map.of(TableName.parse("site"), 1L)));
        assertThat(damage.loss().commits()).isEqualTo(1);
        assertThat(damage.loss().rows()).isEqualTo(2);
        assertThat(damage.loss().span()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void everydayDeletionsBeforeItDoNot() {
        history.at(2, Operation.DELETE, "page", rows(1, 1)); // one row of many, and pages are gained again
        history.at(3, Operation.INSERT, "page", rows(101, 101));
        Lsn deletion = history.at(5, Operation.DELETE, "site", rows(1, 1), Operation.DELETE, "page", rows(2, 101));

        assertThat(find().position()).isEqualTo(deletion.previous());
    }

    @Test
    void aSmallDeletionShortlyBeforeIsEverydayToo() {
        history.at(2, Operation.INSERT, "page", rows(101, 101));
        history.at(3, Operation.DELETE, "page", rows(1, 1));
        Lsn deletion = history.at(3.5, Operation.DELETE, "site", rows(1, 1), Operation.DELETE, "page", rows(2, 101));

        assertThat(find().position()).isEqualTo(deletion.previous());
    }

    @Test
    void emptyingATableBitByBitIsDamageFromTheFirstBit() {
        Lsn first = history.at(2, Operation.DELETE, "note", rows(1, 3));
        for (int i = 1; i <= 12; i++) {
            history.at(2 + i, Operation.DELETE, "note", rows(3 * i + 1, 3 * i + 3));
            history.at(2.5 + i, Operation.INSERT, "page", rows(100 + i, 100 + i)); // users go on
        }
        history.at(15, Operation.DELETE, "note", rows(40, 40));
        history.at(30, Operation.DELETE, "site", rows(1, 1));

        assertThat(find().position()).isEqualTo(first.previous());
    }

    @Test
    void emptyingASmallTableIsDamage() {
        history.at(2, Operation.DELETE, "note", rows(1, 39));
        history.at(40, Operation.INSERT, "page", rows(101, 101));
        Lsn last = history.at(41, Operation.DELETE, "note", rows(40, 40));
        history.at(60, Operation.DELETE, "site", rows(1, 1), Operation.DELETE, "page", rows(1, 101));

        assertThat(find().position()).isEqualTo(last.previous());
    }

    @Test
    void aBigDeletionLongBeforeIsAnotherStory() {
        history.at(2, Operation.DELETE, "note", rows(1, 40));
        Lsn deletion = history.at(33, Operation.DELETE, "site", rows(1, 1));

        assertThat(find().position()).isEqualTo(deletion.previous());
    }

    @Test
    void rowsDeletedAndInsertedInOneTransactionAreNotDeleted() {
        history.at(2, Operation.DELETE, "page", rows(1, 50), Operation.INSERT, "page", rows(1, 50));
        Lsn deletion = history.at(3, Operation.DELETE, "site", rows(1, 1));

        assertThat(find().position()).isEqualTo(deletion.previous());
    }

    @Test
    void ofSeveralDeletionsTheLastCounts() {
        history.at(2, Operation.DELETE, "site", rows(1, 1), Operation.DELETE, "page", rows(1, 100));
        history.at(50, Operation.INSERT, "site", rows(1, 1), Operation.INSERT, "page", rows(1, 100));
        Lsn deletion = history.at(90, Operation.DELETE, "site", rows(1, 1));
        history.at(91, Operation.DELETE, "page", rows(1, 100)); // children after the root

        Damage damage = find();
        assertThat(damage.position()).isEqualTo(deletion.previous());
        assertThat(damage.loss()).isEqualTo(Damage.Loss.NONE);
    }

    @Test
    void aTenantThatIsBackStillHasItsLastDeletion() {
        Lsn deletion = history.at(2, Operation.DELETE, "site", rows(1, 1), Operation.DELETE, "page", rows(1, 100));
        history.at(50, Operation.INSERT, "site", rows(1, 1), Operation.INSERT, "page", rows(1, 100));
        history.at(60, Operation.UPDATE, "page", rows(1, 2));

        Damage damage = find();

        assertThat(damage.position()).isEqualTo(deletion.previous());
        assertThat(damage.loss()).isEqualTo(Damage.Loss.NONE);
    }

    @Test
    void aTruncationIsADeletion() {
        Lsn first = history.at(5, Operation.TRUNCATE, "page", rows(0, 0));
        history.at(6, Operation.TRUNCATE, "site", rows(0, 0));

        Damage damage = find();
        assertThat(damage.position()).isEqualTo(first.previous());
        assertThat(damage.deletedRows()).isEqualTo(101);
    }

    @Test
    void aTenantThatIsThereIsToldItsBigDeletions() {
        Lsn big = history.at(5, Operation.DELETE, "page", rows(1, 60));

        ReinstateException failure = catchThrowableOfType(ReinstateException.class, this::find);

        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(failure.next()).contains("--at-position");
        assertThat(failure.details())
                .hasSize(1)
                .first()
                .asString()
                .contains(big.previous().toString());
    }

    @Test
    void aTenantThatMovedToAnotherIdWasNotDeleted() {
        history.at(5, Operation.LEAVE, "site", rows(1, 1));

        assertThat(catchThrowableOfType(ReinstateException.class, this::find).what())
                .contains("was not deleted");
    }

    @Test
    void anUnknownTenantIsInvalid() {
        DamageFinder finder = new DamageFinder(history.reader(), Duration.ofSeconds(1));
        assertThat(catchThrowableOfType(ReinstateException.class, () -> finder.find(new TenantId("nobody")))
                        .kind())
                .isEqualTo(FailureKind.INVALID);
    }

    @Test
    void aVeryLongBurstStaysOneAndBeginsNotTooLate() {
        history = new TestHistory(directory, 10_000, 0);
        Lsn first = history.at(1, Operation.DELETE, "page", rows(1, 1));
        for (int i = 2; i <= 10_000; i++) {
            history.at(1 + i / 100.0, Operation.DELETE, "page", rows(i, i));
        }
        history.at(102, Operation.DELETE, "site", rows(1, 1));

        Damage damage = find();
        assertThat(damage.position()).isEqualTo(first.previous());
        assertThat(damage.transactions()).isEqualTo(10_001);
        assertThat(damage.burst()).hasSizeLessThan(5_000);
    }

    @Test
    void oneMomentForAllCountsWhatItCosts() {
        Lsn early = history.at(5, Operation.UPDATE, "page", rows(1, 3));
        history.at(50, Operation.DELETE, "site", rows(1, 1));
        DamageFinder finder = new DamageFinder(history.reader(), DamageFinder.DEFAULT_BURST_GAP);
        Damage own = finder.find(TENANT);
        Damage earlier = own.at(early.previous(), Damage.Loss.NONE);

        Damage aligned = finder.atSameMoment(List.of(own, earlier)).getFirst();

        assertThat(aligned.position()).isEqualTo(early.previous());
        assertThat(aligned.loss().rows()).isEqualTo(3);
    }

    @Test
    void withoutATenantTableTheLastRowsDeletionIsTheEnd() {
        history = TestHistory.bySchema(directory.resolve("schema"), 100, 40);
        history.at(1, Operation.UPDATE, "page", rows(1, 1));
        Lsn first = history.at(10, Operation.DELETE, "page", rows(1, 100));
        history.at(20, Operation.DELETE, "site", rows(1, 1));
        history.at(30, Operation.DELETE, "note", rows(1, 40));
        history.at(90, Operation.INSERT, "note", rows(1, 2)); // somebody puts a little back

        Damage damage = find();

        assertThat(damage.position()).isEqualTo(first.previous());
        assertThat(damage.burst()).hasSize(3);
        assertThat(damage.deletedRows()).isEqualTo(141);
    }

    @Test
    void withoutATenantTableATenantWithRowsIsThere() {
        history = TestHistory.bySchema(directory.resolve("schema"), 100, 40);
        history.at(10, Operation.DELETE, "page", rows(1, 100), Operation.DELETE, "site", rows(1, 1));

        ReinstateException failure = catchThrowableOfType(ReinstateException.class, this::find);

        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(failure.why()).contains("looks for the deletion of its last row");
        assertThat(failure.details()).hasSize(1);
    }

    @Test
    void withoutATenantTableRowsThatAllWentToAnotherTenantWereNotDeleted() {
        history = TestHistory.bySchema(directory.resolve("schema"), 1, 1);
        history.at(10, Operation.LEAVE, "page", rows(1, 1), Operation.LEAVE, "note", rows(1, 1));
        history.at(11, Operation.LEAVE, "site", rows(1, 1));

        ReinstateException failure = catchThrowableOfType(ReinstateException.class, this::find);

        assertThat(failure.why()).contains("went to another tenant");
    }

    /** A schema dropped at once: what was written before that is noticed only later is not lost from sight. */
    @Test
    void aTenantWhoseTablesAreDroppedIsLostBeforeTheyMayHaveBeen() {
        history = TestHistory.bySchema(directory, 100, 40);
        Lsn before = history.at(1, Operation.UPDATE, "page", rows(1, 1));
        Lsn sure = history.at(20, Operation.INSERT, "note", rows(41, 42));
        Lsn during = history.at(21, Operation.INSERT, "note", rows(43, 43));
        history.dropped("page", during, 23);
        history.dropped("note", during, 23);
        history.dropped("site", during, 24);

        Damage damage = find();

        assertThat(damage.position())
                .isEqualTo(during.previous())
                .isGreaterThan(sure)
                .isGreaterThan(before);
        assertThat(damage.goneTables())
                .containsExactly(TableName.parse("note"), TableName.parse("page"), TableName.parse("site"));
        assertThat(damage.deletedRows()).isEqualTo(1 + 100 + 43);
        assertThat(damage.burst()).extracting(Deletion::xid).containsOnly(0L);
        assertThat(damage.loss().rows()).isEqualTo(1);
    }

    @Test
    void deletionsBeforeTheDropBelongToTheBurst() {
        Lsn first = history.at(10, Operation.DELETE, "note", rows(1, 40));
        Lsn second = history.at(12, Operation.DELETE, "page", rows(1, 100));
        history.dropped("site", second, 15);

        assertThat(find().position()).isEqualTo(first.previous());
    }

    @Test
    void oneTableOfSeveralIsABigDeletion() {
        Lsn last = history.at(10, Operation.UPDATE, "note", rows(1, 1));
        history.dropped("note", last, 12);
        history.at(30, Operation.UPDATE, "page", rows(1, 1));

        ReinstateException refused = catchThrowableOfType(ReinstateException.class, this::find);
        assertThat(refused.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(refused.details())
                .singleElement()
                .asString()
                .contains("with their tables", last.previous().toString());
        History told = new HistoryReader(history.reader()).read(TENANT, Optional.empty(), Optional.empty());
        assertThat(told.bigDeletions()).singleElement().satisfies(deletion -> {
            assertThat(deletion.deleted().goneTables()).containsExactly(TableName.parse("note"));
            assertThat(deletion.position()).isEqualTo(last);
        });
        assertThat(told.totals().get(TableName.parse("note"))).isEqualTo(new History.Totals(0, 1, 40));
        assertThat(told.gone()).isFalse();
    }
}
