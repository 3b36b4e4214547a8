package dev.reinstate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.archive.ImageWriter;
import dev.reinstate.cli.terminal.Spoken;
import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.objectstore.FileObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of tenants that an archive does not know. */
class UnknownTenantsTest {
    private static final TableSchema TABLE =
            new TableSchema(100, SiteArchive.SITE, List.of(new Column(1, "id", 25, "text")), List.of(0));

    @TempDir
    private Path folder;

    private final Spoken spoken = new Spoken();

    @BeforeEach
    void create() {
        ArchiveSettings settings = ArchiveSettings.defaults(folder.resolve("spill"));
        try (ObjectStore objects = FileObjectStore.open(folder.resolve("a"))) {
            SiteArchive.create(objects, settings);
            try (ArchiveWriter writer = Archive.openWriter(objects, settings);
                    ImageWriter image = writer.beginImage()) {
                for (String id : List.of("site-1041", "site-1042", "site-2042")) {
                    Tuple row = Tuple.ofTexts(List.of(Optional.of(id)));
                    image.add(Partition.of(new TenantId(id)), TABLE, RowKey.of(TABLE, row), row);
                }
                image.publish(new Lsn(1000), Instant.now());
            }
        }
    }

    private List<String> said(String... tenants) {
        List<String> arguments = new ArrayList<>(List.of("restore"));
        arguments.addAll(List.of(tenants));
        arguments.addAll(
                List.of("--archive", folder.resolve("a").toString(), "--before-deletion", "--to", "jdbc:none"));
        assertThat(Main.run(spoken.unwatched(), Map.of(), arguments.toArray(String[]::new)))
                .isEqualTo(FailureKind.INVALID.exitCode());
        return spoken.err().lines().map(String::strip).toList();
    }

    @Test
    void nearNamesAreSuggested() {
        assertThat(said("site-142"))
                .contains("site-142: did you mean site-1042, site-1041, site-2042?")
                .anyMatch(line -> line.contains("There is no tenant site-142"));
    }

    @Test
    void ofManyAllAreNamedAndTheFirstFewSuggestedFor() {
        List<String> said = said(IntStream.range(0, 200)
                .mapToObj(i -> (i % 2 == 0 ? "site-304" : "application-") + i)
                .toArray(String[]::new));
        assertThat(said)
                .anyMatch(line -> line.contains("200 of these tenants do not exist"))
                .contains("application-9: nothing near it", "site-30410", "application-199");
        assertThat(said).filteredOn(line -> line.contains("did you mean")).hasSize(5);
    }
}
