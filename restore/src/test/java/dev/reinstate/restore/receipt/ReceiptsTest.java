package dev.reinstate.restore.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.reinstate.archive.ReceiptStore;
import dev.reinstate.model.Change;
import dev.reinstate.model.Column;
import dev.reinstate.model.Commit;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.ReceiptDraft;
import dev.reinstate.restore.RestoreListener;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.apply.Applied;
import dev.reinstate.restore.content.ContentHash;
import dev.reinstate.restore.fixture.Shop;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiptsTest {
    private static final TableSchema TABLE =
            new TableSchema(99999, TableName.parse("member"), List.of(new Column(1, "id", 20, "bigint")), List.of(0));

    @TempDir
    Path directory;

    private TenantStore store;
    private ReceiptStore documents;
    private Receipts receipts;
    private Applied applied;
    private Receipt receipt;

    @BeforeEach
    void restore() {
        store = Shop.filled(directory, 2);
        documents = store.receipts();
        receipts = new Receipts(
                documents,
                store.reader(),
                Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC),
                new Random(1));
        Shop.delete(store.server(), "s1");
        RestoreRun run = store.run(RestoreListener.SILENT);
        RestoreRequest request =
                new RestoreRequest(new TenantId("s1"), store.position(), RestorePolicy.INTO_EMPTY, Set.of());
        PlannedTenant planned = run.plan(List.of(request)).getFirst();
        List<TenantResult> results = run.apply(List.of(planned.plan().orElseThrow()), "id");
        applied = results.getFirst().applied().orElseThrow();
        receipt = ReceiptDraft.of(
                receipts.newId(),
                Instant.parse("2026-03-01T12:00:00Z"),
                store.reader().state().store(),
                "localhost/test",
                run.isSameStore(),
                results,
                Map.of());
        receipts.put(receipt);
    }

    @Test
    void aReceiptComesBackAsItWasStored() {
        assertThat(receipt.id()).startsWith("20260301t120000z-");
        assertThat(receipts.ids()).containsExactly(receipt.id());
        assertThat(receipts.get(receipt.id())).isEqualTo(receipt);
        assertThat(receipt.sameStore()).isTrue();
        Receipt.Tenant tenant = receipt.tenants().getFirst();
        assertThat(tenant.tables()).isNotEmpty().allMatch(table -> table.then().equals(table.now()));
        assertThat(tenant.tables()).allMatch(table -> table.then().rows() == table.inserted());
        String json = new String(documents.get(receipt.id() + ".json").orElseThrow(), StandardCharsets.UTF_8);
        assertThat(json)
                .contains("\"table\" : \"public.member\"")
                .contains("\"begin\" : \"" + applied.begin() + "\"")
                .contains("\"choice\" : \"AT_POSITION\"")
                .doesNotContain("slug-s1");
    }

    @Test
    void whatTheArchiveHasOfThatMomentIsPartOfIt() {
        Receipt.Tenant tenant = receipts.withArchived(receipt).tenants().getFirst();
        Receipt.Archived archived = tenant.archived().orElseThrow();
        assertThat(archived.tables())
                .extracting(Receipt.ArchivedTable::table, Receipt.ArchivedTable::rows)
                .containsExactlyInAnyOrderElementsOf(tenant.tables().stream()
                        .filter(table -> table.then().rows() > 0)
                        .map(table -> tuple(table.table(), table.then().rows()))
                        .toList());
        assertThat(archived.tables())
                .allSatisfy(table -> assertThat(table.sha256()).matches("[0-9a-f]{64}"));
        assertThat(archived.verifiedAgainst()).isPresent();
        assertThat(receipts.isStillArchived(tenant)).hasValue(true);
        assertThat(receipts.isStillArchived(receipt.tenants().getFirst())).isEmpty();
        Receipt.Tenant claiming = receipt.tenants()
                .getFirst()
                .withArchived(new Receipt.Archived(
                        archived.tables().subList(1, archived.tables().size()), Optional.empty()));
        assertThat(receipts.isStillArchived(claiming)).hasValue(false);
        Receipt.Tenant other = receipt.tenants()
                .getFirst()
                .withArchived(new Receipt.Archived(
                        archived.tables().stream()
                                .map(table -> new Receipt.ArchivedTable(table.table(), table.rows(), "0".repeat(64)))
                                .toList(),
                        archived.verifiedAgainst()));
        assertThat(receipts.isStillArchived(other)).hasValue(false);
    }

    @Test
    void itIsPendingUntilCaptureHasPassed() throws InterruptedException {
        assertThat(receipts.isolation(receipt.id()).state()).isEqualTo(Isolation.State.PENDING);
        assertThat(receipts.complete(receipt.id(), Duration.ZERO).state()).isEqualTo(Isolation.State.PENDING);
        assertThat(documents.list()).hasSize(1);
    }

    @Test
    void aTransactionThatTouchedOnlyItsTenantIsProved() {
        capture("s1");

        Isolation verdict = receipts.complete(receipt.id());

        assertThat(verdict.state()).isEqualTo(Isolation.State.PROVED);
        assertThat(receipts.isolation(receipt.id())).isEqualTo(verdict);
        assertThat(receipts.complete(receipt.id())).isEqualTo(verdict);
        assertThat(receipts.ids()).hasSize(1);
    }

    @Test
    void aTransactionThatTouchedSomeoneElseIsAViolation() {
        capture("s1", "s2");

        Isolation verdict = receipts.complete(receipt.id());

        assertThat(verdict.state()).isEqualTo(Isolation.State.VIOLATED);
        assertThat(verdict.findings()).first().asString().contains("tenant s1, tenant s2");
    }

    /** A restore that says it brought two shared rows back must have inserted those two, and no other. */
    @ParameterizedTest
    @CsvSource({
        "2, INSERT INSERT, PROVED",
        "2, INSERT, VIOLATED",
        "2, INSERT INSERT INSERT, VIOLATED",
        "2, INSERT INSERT DELETE, VIOLATED",
        "2, INSERT UPDATE, VIOLATED",
        "2, '', VIOLATED",
        "0, INSERT, VIOLATED",
        "0, '', PROVED"
    })
    void sharedRowsMayBeTouchedJustAsTheReceiptSays(long said, String operations, Isolation.State expected) {
        Receipt saying = saying(said);
        receipts.put(saying);
        Commit commit = new Commit(applied.end().previous(), applied.end(), Instant.now(), applied.xid(), "");
        List<Change> changes = new ArrayList<>(List.of(change("s1", commit)));
        int ordinal = 1;
        for (String operation : operations.isEmpty() ? List.<String>of() : List.of(operations.split(" "))) {
            changes.add(shared(Operation.valueOf(operation), commit, ordinal++));
        }
        store.commit(commit, changes);

        assertThat(receipts.complete(saying.id()).state()).isEqualTo(expected);
    }

    private Receipt saying(long sharedRows) {
        Receipt.Tenant one = receipt.tenants().getFirst();
        Receipt.Tenant other = new Receipt.Tenant(
                one.tenant(),
                one.outcome(),
                one.moment(),
                one.tables(),
                List.of(new Applied.Shared(TABLE.name(), sharedRows, 1, ContentHash.EMPTY)),
                one.schema(),
                one.transaction(),
                one.timings(),
                one.savedTo(),
                one.failure(),
                one.archived());
        return new Receipt(
                receipt.version(),
                "20260301t120000z-00000000",
                receipt.createdAt(),
                receipt.store(),
                receipt.target(),
                receipt.sameStore(),
                receipt.policy(),
                List.of(other),
                List.of());
    }

    private static Change shared(Operation operation, Commit commit, int ordinal) {
        Tuple row = Tuple.ofTexts(List.of(Optional.of(Integer.toString(ordinal))));
        Tuple after = operation == Operation.DELETE ? Tuple.EMPTY : row;
        return new Change(Partition.SHARED, TABLE, operation, RowKey.of(TABLE, row), after, commit, ordinal);
    }

    @Test
    void aTransactionWithoutATraceIsNotProved() {
        capture();
        assertThat(receipts.complete(receipt.id()).state()).isEqualTo(Isolation.State.PENDING);

        Lsn later = new Lsn(store.reader().state().durableTo().value() + 8);
        store.commit(
                new Commit(later, new Lsn(later.value() + 8), Instant.now().plus(Duration.ofMinutes(16)), 1, ""),
                List.of());

        assertThat(receipts.complete(receipt.id()).state()).isEqualTo(Isolation.State.VIOLATED);
    }

    /** A table that was dropped, made again and restored at once: capture reads it as a whole when it notices it. */
    @Test
    void aTransactionIntoATableThatWasNotFollowedYetCannotBeProved() {
        capture();
        store.imageAgain(TableName.parse("issue"), 1, applied.begin(), "was not captured before");

        Isolation verdict = receipts.complete(receipt.id());

        assertThat(verdict.state()).isEqualTo(Isolation.State.NOT_APPLICABLE);
        assertThat(verdict.findings())
                .singleElement()
                .asString()
                .contains("public.issue was not followed by then (was not captured before)");
    }

    @Test
    void anUnknownReceiptIsInvalid() {
        assertThat(catchThrowableOfType(ReinstateException.class, () -> receipts.get("none"))
                        .kind())
                .isEqualTo(FailureKind.INVALID);
    }

    /** What capture would have made of the restore's transaction. */
    private void capture(String... tenants) {
        Lsn commitLsn = applied.end().previous();
        Commit commit = new Commit(commitLsn, applied.end(), Instant.now(), applied.xid(), "");
        store.commit(
                commit,
                List.of(tenants).stream().map(tenant -> change(tenant, commit)).toList());
    }

    private static Change change(String tenant, Commit commit) {
        Tuple row = Tuple.ofTexts(List.of(Optional.of("1")));
        return new Change(
                Partition.of(new TenantId(tenant)), TABLE, Operation.INSERT, RowKey.of(TABLE, row), row, commit, 0);
    }
}
