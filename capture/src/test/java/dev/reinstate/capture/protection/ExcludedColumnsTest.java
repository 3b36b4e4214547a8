package dev.reinstate.capture.protection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.ColumnExclusion;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.ddl.DdlTrigger;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns that a person has excluded are in no row of the archive, whichever way the row came. */
class ExcludedColumnsTest extends SilentShop {
    private static ColumnExclusion exclusion(String tables, String... columns) {
        return new ColumnExclusion(new TablePattern(tables), List.of(columns));
    }

    private static long rows(SortedMap<String, List<String>> rows, String table) {
        return rows.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(" " + table))
                .mapToLong(entry -> entry.getValue().size())
                .sum();
    }

    private static void requireNoSecret(SortedMap<String, List<String>> rows) {
        rows.forEach((table, some) -> assertThat(some).as(table).noneMatch(row -> row.contains("secret")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theyAreNeverArchivedAndComeWithAnImageOnceTheyMay(boolean told) throws Exception {
        try (CaptureHarness shop = shop("excluded_" + told)) {
            if (told) {
                new DdlTrigger(shop.settings.names()).install(shop.sql);
            }
            TenancyRules all = TenancyRules.of(shop.map);
            shop.rules = all.excluding(List.of(exclusion("public.note", "body"), exclusion("*.comm*", "bo*", "gone")));
            shop.run("UPDATE note SET body = 'secret'; UPDATE comment SET body = 'secret'");
            shop.start();
            settled(shop);
            shop.run("""
                    INSERT INTO note VALUES (100, 'a', 'secret', '{x}');
                    UPDATE note SET body = 'secret', tags = '{y}' WHERE id < 10;
                    UPDATE note SET id = 200, site_id = 'b', body = 'secret' WHERE id = 10;
                    DELETE FROM note WHERE id = 11;
                    INSERT INTO comment VALUES (100, 1, 2, 'secret');
                    UPDATE comment SET body = 'secret', issue_no = 3 WHERE id = 1;
                    UPDATE comment SET id = 300 WHERE id = 2;
                    CREATE TABLE fresh (id bigint PRIMARY KEY, body text);
                    ALTER TABLE fresh RENAME TO fresher;
                    ALTER TABLE note ADD later text;
                    UPDATE note SET later = 'seen' WHERE id = 1;
                    """);
            settled(shop);
            ArchiveReader reader = shop.quiesced();
            Lsn old = CaptureHarness.end(reader);
            SortedMap<String, List<String>> then = shop.folded(reader, old);
            requireNoSecret(then);
            assertThat(rows(then, "note")).isEqualTo(20);
            assertThat(then.get("b note")).anyMatch(row -> row.contains("200"));
            assertThat(then.get("b note")).anyMatch(row -> row.contains("seen"));
            assertThat(rows(then, "comment")).isEqualTo(21);
            shop.stop();

            ears.read.clear();
            shop.rules = all.excluding(List.of(exclusion("public.comment", "body")));
            shop.start();
            reader = settled(shop);
            shop.requireFoldEqualsOracle("included again", List.of("note", "issue", "tag"));
            assertThat(ears.read).containsExactly("note");
            reader.refresh();
            requireNoSecret(shop.folded(reader, old));
            assertThat(shop.folded(reader, old)).isEqualTo(then);
            SortedMap<String, List<String>> now = shop.folded(reader, CaptureHarness.end(reader));
            now.remove("a note");
            now.remove("b note");
            requireNoSecret(now);
        }
    }

    @Test
    void aTableThatCannotDoWithoutOneIsNotCapturedAndSaysSo() throws Exception {
        try (CaptureHarness shop = shop("excluded_key")) {
            shop.rules = TenancyRules.of(shop.map)
                    .excluding(List.of(
                            exclusion("public.tag", "name"),
                            exclusion("public.event", "site_id"),
                            exclusion("public.project", "code", "doc")));

            SourceTables tables = SourceTables.of(Catalogue.read(shop.sql), shop.rules());

            assertThat(tables.refused())
                    .containsOnlyKeys(
                            new TableName("public", "tag"),
                            new TableName("public", "event"),
                            new TableName("public", "project"));
            assertThat(tables.refused().get(new TableName("public", "project"))).containsExactly("code");
            assertThat(tables.unprotected())
                    .anyMatch(table -> table.table().name().equals("tag")
                            && table.reason().contains("excluded is what its rows are known by: name"));
            assertThat(tables.captured()).noneMatch(table -> table.name().name().equals("tag"));
        }
    }
}
