package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Sql;
import dev.reinstate.restore.TenantResult;
import dev.reinstate.restore.export.ExportFormat;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.WriteMode;
import dev.reinstate.restore.receipt.Receipt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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

    /** Triggers and foreign keys are at work, one of them for longer than the role's statements may take. */
    @Test
    void aRoleThatIsHurriedAndMaySwitchNothingOffRestoresExactly() {
        assumeTrue(PostgresServer.shared().isEmbedded(), "another server may want a password");
        String plain = HurriedRole.create(store, "matrix");
        store.execute("""
                CREATE TABLE matrix.fired (at timestamptz);
                GRANT INSERT ON matrix.fired TO %s;
                CREATE FUNCTION matrix.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_sleep(0.5); INSERT INTO matrix.fired VALUES (now()); RETURN NULL; END $$;
                CREATE TRIGGER slow AFTER INSERT ON matrix.v EXECUTE FUNCTION matrix.slow()""".formatted(plain));
        captured.matrix().damage();
        store.execute("TRUNCATE matrix.fired");
        Database hurried = InProcessStore.database(store.urlAs(plain));
        assertThat(captured.restoreInto(store, hurried, WriteMode.TRIGGERS_FIRE, RestorePolicy.REPLACE))
                .extracting(TenantResult::outcome)
                .contains(Receipt.Outcome.RESTORED);
        assertThat(store.query("SELECT at FROM matrix.fired")).isNotEmpty();
        store.execute("DROP TRIGGER slow ON matrix.v");
    }

    @Test
    void anExportAsSqlLoadsExactly(@TempDir Path directory) throws IOException {
        try (StoreUnderTest target = StoreUnderTest.empty("values_sql")) {
            captured.createIn(target);
            for (Path exported : captured.export(ExportFormat.SQL, directory).values()) {
                ExportLoader.sql(target, Files.readString(exported.resolve("tenant.sql")));
            }
            captured.requireIn(target);
        }
    }

    @Test
    void anExportAsCsvLoadsExactly(@TempDir Path directory) throws IOException {
        try (StoreUnderTest target = StoreUnderTest.empty("values_csv")) {
            captured.matrix().createIn(target);
            for (Path exported : captured.export(ExportFormat.CSV, directory).values()) {
                for (TableName table : captured.matrix().owners().keySet()) {
                    Path file = exported.resolve(fileName(table) + ".csv");
                    if (Files.exists(file)) {
                        ExportLoader.csv(target, Sql.table(table), Files.readString(file));
                    }
                }
            }
            captured.requireIn(target);
        }
    }

    @Test
    void anExportAsJsonSaysTheSame(@TempDir Path directory) throws IOException {
        int tables = 0;
        for (Map.Entry<String, Path> exported :
                captured.export(ExportFormat.JSON, directory).entrySet()) {
            for (Map.Entry<TableName, List<String>> then :
                    captured.then(exported.getKey()).entrySet()) {
                Path file = exported.getValue().resolve(fileName(then.getKey()) + ".ndjson");
                Map<String, String> types = store.types(then.getKey());
                assertThat(JsonText.of(Files.readString(file), types))
                        .as(then.getKey() + " of " + exported.getKey())
                        .isEqualTo(then.getValue().stream()
                                .map(row -> JsonText.normalised(row, types))
                                .sorted()
                                .toList());
                tables++;
            }
        }
        assertThat(tables).isGreaterThan(100);
    }

    private static String fileName(TableName table) {
        return Pattern.compile("[^\\p{L}\\p{Nd}_.-]")
                .matcher(table.toString())
                .replaceAll(found -> "%" + Integer.toHexString(found.group().codePointAt(0)));
    }
}
