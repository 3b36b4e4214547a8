package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Database;
import dev.reinstate.restore.PlannedTenant;
import dev.reinstate.restore.RestoreRun;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.receipt.Receipt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
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
    /** Whatever changes how values are written, read or compared, or what a statement does. */
    private static final List<String> HOSTILE = List.of(
            "DateStyle = 'German, DMY'",
            "IntervalStyle = 'sql_standard'",
            "TimeZone = 'Asia/Kathmandu'",
            "timezone_abbreviations = 'India'",
            "extra_float_digits = -15",
            "bytea_output = 'escape'",
            "xmloption = 'document'",
            "xmlbinary = 'hex'",
            "search_path = 'matrix', 'public'",
            "standard_conforming_strings = off",
            "backslash_quote = off",
            "array_nulls = off",
            "quote_all_identifiers = on",
            "transform_null_equals = on",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_deferrable = on",
            "client_encoding = 'LATIN1'",
            "client_min_messages = 'debug1'",
            "synchronous_commit = off",
            "row_security = on");

    private StoreUnderTest store;
    private ValueMatrix matrix;
    private InProcessStore captured;
    private Lsn position;
    private SortedMap<String, SortedMap<TableName, List<String>>> then;

    @BeforeAll
    void capture(@TempDir Path directory) {
        store = StoreUnderTest.empty("values");
        matrix = ValueMatrix.create(store);
        matrix.fillBeforeTheImage();
        HOSTILE.forEach(setting -> store.execute("ALTER DATABASE " + store.database() + " SET " + setting));
        captured = InProcessStore.protect(store, matrix.map(), directory);
        matrix.changeInTheStream();
        then = CopiedRows.read(store, matrix.owners());
        position = captured.awaitDurable();
    }

    @AfterAll
    void close() {
        captured.close();
        store.close();
    }

    private static Stream<String> tenants() {
        return Stream.concat(ValueMatrix.TENANTS.stream(), Stream.of(ValueMatrix.KEYS));
    }

    @Test
    void theArchiveHasWhatPlainSqlSees() {
        assertThat(matrix.valueCount()).isGreaterThan(250);
        assertThat(matrix.keyTypes()).hasSizeGreaterThan(60);
        ArchiveReader reader = captured.reader();
        tenants().forEach(tenant -> {
            SortedMap<TableName, List<String>> folded =
                    InProcessStore.folded(reader, Partition.of(new TenantId(tenant)), position);
            assertThat(differences(of(then, tenant), folded)).as(tenant).isEmpty();
        });
        assertThat(InProcessStore.folded(reader, Partition.UNATTRIBUTED, position))
                .isEmpty();
    }

    private static SortedMap<TableName, List<String>> of(
            SortedMap<String, SortedMap<TableName, List<String>>> rows, String tenant) {
        return rows.getOrDefault(tenant, new TreeMap<>());
    }

    /** Column by column, so that a failure names the types. */
    private static List<String> differences(
            Map<TableName, List<String>> expected, Map<TableName, List<String>> actual) {
        List<String> differences = new ArrayList<>();
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((table, rows) -> {
            List<String> others = actual.getOrDefault(table, List.of());
            if (!rows.equals(others)) {
                assertThat(others).as(table.toString()).hasSameSizeAs(rows);
                for (int i = 0; i < rows.size(); i++) {
                    List<String> one = List.of(rows.get(i).split("\t", -1));
                    List<String> other = List.of(others.get(i).split("\t", -1));
                    for (int column = 0; column < one.size(); column++) {
                        if (!one.get(column).equals(other.get(column))) {
                            differences.add(shortened(one.get(column)) + " came as " + shortened(other.get(column)));
                        }
                    }
                }
            }
        });
        return differences;
    }

    private static String shortened(String text) {
        return text.length() > 200 ? text.substring(0, 200) + "…" : text;
    }

    @Test
    void everyTenantIsRestoredExactly() {
        matrix.damage();
        restoreAll(InProcessStore.database(store));
    }

    private void restoreAll(Database target) {
        RestoreRun run = captured.run(target);
        List<RestoreRequest> requests = tenants()
                .map(tenant -> new RestoreRequest(new TenantId(tenant), position, RestorePolicy.REPLACE, Set.of()))
                .toList();
        List<PlannedTenant> plans = run.plan(requests);
        assertThat(plans)
                .allSatisfy(plan ->
                        assertThat(plan.plan().flatMap(p -> p.refusal())).isEmpty());
        List<TenantResult> results =
                run.apply(plans.stream().map(plan -> plan.plan().orElseThrow()).toList(), "receipt");
        assertThat(results)
                .allSatisfy(result -> assertThat(result.failure()).isEmpty())
                .extracting(TenantResult::outcome)
                .contains(Receipt.Outcome.RESTORED, Receipt.Outcome.ALREADY_RIGHT);
        SortedMap<String, SortedMap<TableName, List<String>>> now = CopiedRows.read(store, matrix.owners());
        tenants()
                .forEach(tenant -> assertThat(differences(of(then, tenant), of(now, tenant)))
                        .as(tenant)
                        .isEmpty());
        assertThat(run.plan(requests))
                .allSatisfy(
                        plan -> assertThat(plan.plan().orElseThrow().isRight()).isTrue());
    }
}
