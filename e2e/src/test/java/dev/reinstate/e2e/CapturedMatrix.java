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
import dev.reinstate.restore.export.Export;
import dev.reinstate.restore.export.ExportFormat;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.plan.WriteMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A value matrix in a database whose sessions are set to whatever is awkward, captured by image and stream. */
final class CapturedMatrix implements AutoCloseable {
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

    /** What the role's own settings make of it: they win over the database's. */
    private static final List<String> HOSTILE_ROLE = List.of(
            "DateStyle = 'SQL, MDY'",
            "IntervalStyle = 'iso_8601'",
            "TimeZone = 'America/St_Johns'",
            "search_path = 'pg_catalog'");

    private final StoreUnderTest store;
    private final ValueMatrix matrix;
    private final InProcessStore captured;
    private final Lsn position;
    private int restores;
    private final SortedMap<String, SortedMap<TableName, List<String>>> then;

    CapturedMatrix(StoreUnderTest store, Path directory) {
        this.store = store;
        matrix = ValueMatrix.create(store);
        matrix.fillBeforeTheImage();
        beHostile(store);
        captured = InProcessStore.protect(store, matrix.map(), directory);
        matrix.changeInTheStream();
        then = CopiedRows.read(store, matrix.owners());
        position = captured.awaitDurable();
    }

    private static void beHostile(StoreUnderTest store) {
        moneyElsewhere(store)
                .ifPresent(locale ->
                        store.execute("ALTER DATABASE " + store.database() + " SET lc_monetary = '" + locale + "'"));
        HOSTILE.forEach(setting -> store.execute("ALTER DATABASE " + store.database() + " SET " + setting));
        HOSTILE_ROLE.forEach(setting ->
                store.execute("ALTER ROLE CURRENT_USER IN DATABASE " + store.database() + " SET " + setting));
    }

    /** A locale that writes money with a decimal comma; machines of few locales have none. */
    private static Optional<String> moneyElsewhere(StoreUnderTest store) {
        return store
                .query(
                        "SELECT collcollate FROM pg_collation WHERE collprovider = 'c' AND collcollate ~ '^(de|fr|it|es|pt|pl)_'"
                                + " ORDER BY collcollate ~ '^de' DESC LIMIT 1")
                .stream()
                .findFirst();
    }

    int majorVersion() {
        return store.majorVersion();
    }

    ValueMatrix matrix() {
        return matrix;
    }

    /** The same tables, empty, in another database that is as awkward. */
    void createIn(StoreUnderTest other) {
        matrix.createIn(other);
        beHostile(other);
    }

    private static Stream<String> tenants() {
        return Stream.concat(ValueMatrix.TENANTS.stream(), Stream.of(ValueMatrix.KEYS));
    }

    void requireArchived() {
        ArchiveReader reader = captured.reader();
        tenants().forEach(tenant -> {
            SortedMap<TableName, List<String>> folded =
                    InProcessStore.folded(reader, Partition.of(new TenantId(tenant)), position);
            assertThat(differences(of(then, tenant), folded)).as(tenant).isEmpty();
        });
        assertThat(InProcessStore.folded(reader, Partition.UNATTRIBUTED, position))
                .isEmpty();
    }

    /** Restores every tenant into that database and requires that plain SQL sees there what it saw then. */
    List<TenantResult> restoreInto(StoreUnderTest target, RestorePolicy policy) {
        return restoreInto(target, InProcessStore.database(target), WriteMode.REPLICA_ROLE, policy);
    }

    /** The same as another role, which writes in that way. */
    List<TenantResult> restoreInto(StoreUnderTest target, Database asRole, WriteMode mode, RestorePolicy policy) {
        RestoreRun run = captured.run(asRole);
        List<RestoreRequest> requests = tenants()
                .map(tenant -> new RestoreRequest(new TenantId(tenant), position, policy, Set.of()))
                .toList();
        List<PlannedTenant> plans = run.plan(requests);
        assertThat(plans)
                .allSatisfy(plan -> assertThat(plan.failure()).isEmpty())
                .allSatisfy(plan ->
                        assertThat(plan.plan().flatMap(p -> p.refusal())).isEmpty())
                .allSatisfy(plan -> assertThat(plan.plan().orElseThrow().mode()).isEqualTo(mode));
        List<TenantResult> results =
                run.apply(plans.stream().map(plan -> plan.plan().orElseThrow()).toList(), "receipt-" + ++restores);
        assertThat(results).extracting(TenantResult::failure).containsOnly(Optional.empty());
        requireIn(target);
        assertThat(run.plan(requests))
                .allSatisfy(
                        plan -> assertThat(plan.plan().orElseThrow().isRight()).isTrue());
        return results;
    }

    /** Requires that plain SQL sees in that database what it saw then. */
    void requireIn(StoreUnderTest target) {
        SortedMap<String, SortedMap<TableName, List<String>>> now = CopiedRows.read(target, matrix.owners());
        tenants()
                .forEach(tenant -> assertThat(differences(of(then, tenant), of(now, tenant)))
                        .as(tenant)
                        .isEmpty());
    }

    /** What plain SQL saw then of a tenant. */
    SortedMap<TableName, List<String>> then(String tenant) {
        return of(then, tenant);
    }

    /** Exports every tenant; the directories by tenant. */
    SortedMap<String, Path> export(ExportFormat format, Path into) {
        Export export = new Export(captured.reader());
        SortedMap<String, Path> exported = new TreeMap<>();
        tenants().forEach(tenant -> {
            Path directory = into.resolve(format + "-" + tenant);
            exported.put(
                    tenant,
                    export.write(new TenantId(tenant), position, format, table -> true, directory)
                            .directory());
        });
        return exported;
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

    @Override
    public void close() {
        captured.close();
        store.close();
    }
}
