package dev.reinstate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** An export of any format, loaded into an empty schema, is what the oracle saw. No database is needed to make it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExportTest {
    private static final String TENANT = "victim-1";

    private Path directory;

    private StoreUnderTest store;
    private Workbench workbench;
    private Oracle.Snapshot then;

    @BeforeAll
    void protectAndGoAway(@TempDir Path temporary) throws IOException {
        directory = temporary;
        long seed = Load.seed();
        store = StoreUnderTest.create("export");
        workbench = new Workbench(store, directory);
        try (Load load = new Load(store, 1)) {
            load.populate(seed);
            workbench.init();
            ReinstateProcess capture = workbench.protect();
            workbench.awaitDurable(Oracle.position(store), capture);
            load.start(seed, 3);
            ArchiveComparison.await("some writes", Duration.ofMinutes(1), () -> load.committed() > 150);
            then = load.atGate(() -> Oracle.snapshot(store));
            workbench.awaitDurable(then.position(), capture);
            capture.terminate().succeeded();
        }
        String yaml = Files.readString(workbench.configuration());
        Files.writeString(
                workbench.configuration(),
                yaml.replaceFirst("jdbc:postgresql://[^/]+/", "jdbc:postgresql://127.0.0.1:1/"));
    }

    @AfterAll
    void close() {
        workbench.close();
        store.close();
    }

    private Path export(String format, String... more) {
        Path target = directory.resolve("export-" + format + more.length);
        List<String> arguments = new ArrayList<>(List.of(
                "export",
                TENANT,
                "--at-position",
                then.position().toString(),
                "--format",
                format,
                "--to",
                target.toString()));
        arguments.addAll(List.of(more));
        workbench.run(arguments.toArray(String[]::new)).succeeded();
        return target;
    }

    @Test
    void sqlLoadsIntoAnEmptySchemaAndEqualsTheOracle() throws IOException {
        try (StoreUnderTest scratch = StoreUnderTest.create("export_sql")) {
            for (Path file : files(export("sql"))) {
                ExportLoader.sql(scratch, Files.readString(file));
            }
            assertThat(Oracle.snapshot(scratch).of(TENANT)).isEqualTo(then.of(TENANT));
        }
    }

    @Test
    void csvLoadsIntoAnEmptySchemaAndEqualsTheOracle() throws IOException {
        try (StoreUnderTest scratch = StoreUnderTest.create("export_csv")) {
            for (Path file : files(export("csv"))) {
                ExportLoader.csv(scratch, table(file, ".csv"), Files.readString(file));
            }
            assertThat(Oracle.snapshot(scratch).of(TENANT)).isEqualTo(then.of(TENANT));
        }
    }

    @Test
    void jsonLoadsIntoAnEmptySchemaAndEqualsTheOracle() throws IOException {
        try (StoreUnderTest scratch = StoreUnderTest.create("export_json")) {
            for (Path file : files(export("json"))) {
                ExportLoader.json(scratch, table(file, ".ndjson"), Files.readString(file));
            }
            assertThat(Oracle.snapshot(scratch).of(TENANT)).isEqualTo(then.of(TENANT));
        }
    }

    @Test
    void onlyTheTablesAskedForAreWritten() throws IOException {
        assertThat(files(export("csv", "--table", "public.page")).stream()
                        .map(file -> file.getFileName().toString()))
                .containsExactly("public.page.csv");
    }

    @Test
    void directoryThatExistsIsNeverWrittenOver() throws IOException {
        Path taken = Files.createDirectory(directory.resolve("taken"));
        Failures.assertSaid(
                workbench.run(
                        "export",
                        TENANT,
                        "--at-position",
                        then.position().toString(),
                        "--format",
                        "csv",
                        "--to",
                        taken.toString()),
                FailureKind.INVALID,
                "taken");
        assertThat(taken).isEmptyDirectory();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static String table(Path file, String suffix) {
        String name = file.getFileName().toString();
        assertThat(name).endsWith(suffix);
        String table = new String(
                        name.substring(0, name.length() - suffix.length()).getBytes(StandardCharsets.UTF_8),
                        StandardCharsets.UTF_8)
                .replace("%20", " ");
        return table.startsWith("public.User") ? "public.\"User Setting\"" : table;
    }
}
