package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.TableVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A tenant whose schema is dropped: the change stream says nothing of it, the catalogue history does. */
class DroppedSchemaTest {
    private static final String TABLES = """
            CREATE SCHEMA tenant_%1$s;
            CREATE TABLE tenant_%1$s.doc (id int PRIMARY KEY, title text);
            CREATE TABLE tenant_%1$s.note (id int PRIMARY KEY, doc int REFERENCES tenant_%1$s.doc, body text);
            """;
    private static final String ROWS =
            "SELECT d.title || n.body FROM tenant_a.doc d JOIN tenant_a.note n ON n.doc = d.id" + " ORDER BY n.id";

    @TempDir
    private Path directory;

    @Test
    void aDroppedSchemaIsADeletionAndComesBackOnceTheTablesAreThere() {
        try (StoreUnderTest store = StoreUnderTest.empty("dropped_schema");
                Workbench workbench = new Workbench(store, directory)) {
            store.execute(TABLES.formatted("a") + TABLES.formatted("b")
                    + "INSERT INTO tenant_a.doc SELECT n, 'doc ' || n FROM generate_series(1, 30) n;"
                    + "INSERT INTO tenant_b.doc VALUES (1, 'other')");
            workbench
                    .run("init", "--url", store.url(), "--tenant-schemas", "tenant_{tenant}")
                    .succeeded();
            workbench.hasten();
            ReinstateProcess capture = workbench.protect();
            store.execute("INSERT INTO tenant_a.note SELECT n, n, 'note ' || n FROM generate_series(1, 20) n");
            List<String> then = store.query(ROWS);
            workbench.awaitDurable(Oracle.position(store), capture);
            store.execute("DROP SCHEMA tenant_a CASCADE");
            awaitVersions(
                    workbench, "the drop is noticed", version -> version.shape().isEmpty(), 2);

            JsonNode history = workbench.json("history", "a");
            assertThat(history.get("gone").asBoolean()).isTrue();
            assertThat(history.get("totals").get("tenant_a.doc").get("deleted").asInt())
                    .isEqualTo(30);
            assertThat(history.get("damage")
                            .get("burst")
                            .get(0)
                            .get("goneTables")
                            .toString())
                    .isEqualTo("[\"tenant_a.doc\",\"tenant_a.note\"]");
            assertThat(workbench.run("history", "a").succeeded().output())
                    .contains("tables gone: tenant_a.doc, tenant_a.note")
                    .contains("the last at which the archive is sure of their rows");
            assertThat(workbench.run("history").succeeded().output()).contains("tables gone");
            Failures.assertSaid(
                    workbench.run("restore", "a", "--before-deletion", "--yes"),
                    FailureKind.CONFLICT,
                    "noticed later",
                    "tenant_a");

            store.execute(TABLES.formatted("a"));
            awaitVersions(
                    workbench,
                    "they are captured again",
                    version -> version.shape().isPresent()
                            && version.name().schema().equals("tenant_a"),
                    4);
            workbench.run("restore", "a", "--before-deletion", "--yes").succeeded();
            assertThat(store.query(ROWS)).isEqualTo(then).hasSize(20);
            assertThat(store.query("SELECT id FROM tenant_a.doc")).hasSize(30);
            capture.terminate().succeeded();
        }
    }

    private static void awaitVersions(Workbench workbench, String what, Predicate<TableVersion> wanted, long count) {
        ArchiveComparison.await(what, Duration.ofMinutes(1), () -> {
            workbench.comparison().reader().refresh();
            return workbench.comparison().reader().catalogueHistory().stream()
                            .filter(wanted)
                            .count()
                    == count;
        });
    }
}
