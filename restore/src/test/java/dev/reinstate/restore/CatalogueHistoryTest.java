package dev.reinstate.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.export.Export;
import dev.reinstate.restore.export.ExportFormat;
import dev.reinstate.restore.fixture.Drift;
import dev.reinstate.restore.fixture.TenantStore;
import dev.reinstate.restore.fixture.TestServer;
import dev.reinstate.restore.plan.RestorePlan;
import dev.reinstate.restore.plan.RestorePolicy;
import dev.reinstate.restore.plan.RestoreRequest;
import dev.reinstate.restore.schema.SchemaOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the archive knows of the catalogue's history decides what would be a guess without it. */
class CatalogueHistoryTest {
    private static final String EXACT = "ALTER TABLE";

    @TempDir
    Path directory;

    private Drift drift;
    private TestServer server;
    private TenantStore store;

    @BeforeEach
    void fill() {
        drift = Drift.of(directory, List.of("note"), """
                CREATE TABLE public.note (id bigint PRIMARY KEY, site_id text NOT NULL, title text, body text);
                INSERT INTO public.note SELECT n, 'a', 'title ' || n, 'body ' || n FROM generate_series(1, 3) n;
                """);
        server = drift.server();
        store = drift.store();
        store.noteTables("image", true).toTheEnd();
    }

    @Test
    void aRenameIsFollowedWhereEveryStepIsExact() {
        change("ALTER TABLE public.note RENAME title TO headline", EXACT, true);
        change("ALTER TABLE public.note RENAME headline TO subject", EXACT, true);
        server.execute("DELETE FROM public.note");

        assertThat(drift.effects())
                .containsExactly("public.note.subject: was called title; values of then go there, as the catalogue's"
                        + " history tells");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT subject FROM public.note ORDER BY id"))
                .containsExactly("title 1", "title 2", "title 3");
    }

    @Test
    void aRenameIsAskedAboutWhereOneStepWasNoticedLater() {
        change("ALTER TABLE public.note RENAME title TO headline", "seen", false);
        change("ALTER TABLE public.note RENAME headline TO subject", EXACT, true);
        server.execute("DELETE FROM public.note");

        assertThat(drift.problems()).singleElement().asString().contains("--map public.note.title=subject");
    }

    @Test
    void aRenameIsAskedAboutWhereTheHistoryDoesNotGoToNow() {
        change("ALTER TABLE public.note RENAME title TO headline", EXACT, true);
        server.execute("ALTER TABLE public.note RENAME headline TO subject", "DELETE FROM public.note");

        assertThat(drift.problems()).singleElement().asString().contains("--map public.note.title=subject");
    }

    /** Rows that are older than it have the old name still. */
    @Test
    void aRenameThatWasKnownAtThatMomentIsFollowed() {
        change("ALTER TABLE public.note RENAME title TO headline", "seen", false);
        change("ALTER TABLE public.note RENAME headline TO subject", "seen", false);
        store.toTheEnd();
        server.execute("UPDATE public.note SET subject = 'other' WHERE id = 1", "DELETE FROM public.note WHERE id = 2");

        assertThat(drift.policy(RestorePolicy.REPLACE).plan().rowsToUpdate()).isEqualTo(1);
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT subject FROM public.note ORDER BY id"))
                .containsExactly("title 1", "title 2", "title 3");
    }

    @Test
    void aRowThatDiffersOnlyInAColumnThatMayBeRenamedIsNotRight() {
        store.insert(
                "a",
                shape(),
                Tuple.ofTexts(List.of(Optional.of("7"), Optional.of("a"), Optional.empty(), Optional.of("body 7"))));
        server.execute("INSERT INTO public.note VALUES (7, 'a', NULL, 'body 7')");
        change("ALTER TABLE public.note RENAME title TO subject", "seen", false);
        drift.policy(RestorePolicy.REPLACE);
        assertThat(drift.plan().isRight()).isTrue();

        for (int id : List.of(1, 7)) {
            server.execute("UPDATE public.note SET subject = 'other' WHERE id = " + id);
            assertThat(drift.problems()).singleElement().asString().contains("--map public.note.title=subject");
            assertThat(drift.policy(RestorePolicy.MISSING_ONLY).plan().problems())
                    .isEmpty();
            drift.policy(RestorePolicy.REPLACE);
            server.execute("UPDATE public.note SET subject = nullif('title ' || id, 'title 7') WHERE id = " + id);
        }
        server.execute("UPDATE public.note SET subject = 'other'");
        assertThat(drift.map("public.note.title=subject").restore().failure()).isEmpty();
        assertThat(server.rows("SELECT coalesce(subject, 'NULL') FROM public.note ORDER BY id"))
                .containsExactly("title 1", "title 2", "title 3", "NULL");
    }

    @Test
    void columnsThatHaveSwappedNamesGetTheirOwnValues() {
        server.execute("ALTER TABLE public.note RENAME title TO t", "ALTER TABLE public.note RENAME body TO title");
        change("ALTER TABLE public.note RENAME t TO body", EXACT, true);
        server.execute("DELETE FROM public.note");

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.value("SELECT title || ', ' || body FROM public.note WHERE id = 1"))
                .isEqualTo("body 1, title 1");
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void aRenamedTableAndTheColumnThatNamesTheTenantAreFollowed() {
        change("ALTER TABLE public.note RENAME TO memo", EXACT, true);
        change("ALTER TABLE public.memo RENAME site_id TO account", EXACT, true);
        server.execute("DELETE FROM public.memo WHERE id < 3");

        assertThat(drift.effects())
                .contains(
                        "public.memo: was called public.note; rows of then go there, as the catalogue's history tells");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, account FROM public.memo ORDER BY id"))
                .containsExactly("1|a", "2|a", "3|a");
    }

    /** Renamed there and back between two looks: no record has that name, and the last rows written do. */
    @Test
    void rowsWrittenUnderANameThatNobodyNoticedAreTheTablesRows() {
        insertAsMemo();
        server.execute("DELETE FROM public.note");

        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, title FROM public.note ORDER BY id"))
                .containsExactly("1|title 1", "2|title 2", "3|title 3", "9|title 9");
    }

    private void insertAsMemo() {
        TableSchema now = shape();
        store.insert(
                "a",
                new TableSchema(now.oid(), new TableName("public", "memo"), now.columns(), now.keyColumns()),
                Tuple.ofTexts(
                        List.of(Optional.of("9"), Optional.of("a"), Optional.of("title 9"), Optional.of("body 9"))));
    }

    @Test
    void anExportHasAllRowsOfATableWhateverItWasCalledWhenTheyWereWritten() throws IOException {
        insertAsMemo();
        for (ExportFormat format : ExportFormat.values()) {
            Path target = directory.resolve("export-" + format);
            Export.Result result = new Export(store.reader())
                    .write(new TenantId("a"), store.position(), format, table -> true, target);

            assertThat(result.rows()).containsEntry(new TableName("public", "note"), 4L);
            try (Stream<Path> files = Files.list(target)) {
                assertThat(files.filter(file -> file.toString().contains("memo")))
                        .isEmpty();
            }
        }
    }

    @Test
    void anExportDoesWithoutAPartOfTheHistoryThatIsLost() {
        store.loseCatalogueObject(0);
        assertThat(new Export(store.reader())
                        .write(
                                new TenantId("a"),
                                store.position(),
                                ExportFormat.CSV,
                                table -> true,
                                directory.resolve("export"))
                        .rows())
                .containsEntry(new TableName("public", "note"), 3L);
    }

    @Test
    void namesMeanNothingButThemselvesInAnotherDatabase() {
        change("ALTER TABLE public.note RENAME title TO subject", EXACT, true);
        TestServer other = TestServer.newDatabase("""
                CREATE TABLE public.site (id text PRIMARY KEY, slug text);
                CREATE TABLE public.note (id bigint PRIMARY KEY, site_id text, subject text, body text);
                """);
        assertThat(into(other, SchemaOptions.NONE).plan().orElseThrow().problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.next()).contains("--map public.note.title=NEWNAME"));
        SchemaOptions mapped = new SchemaOptions(List.of("public.note.title=subject"), List.of(), List.of());
        RestoreRun run = store.run(other.database(), mapped);
        assertThat(run.apply(List.of(into(other, mapped).plan().orElseThrow()), "other")
                        .getFirst()
                        .failure())
                .isEmpty();
        assertThat(other.value("SELECT subject FROM public.note WHERE id = 1")).isEqualTo("title 1");
    }

    private PlannedTenant into(TestServer other, SchemaOptions options) {
        return store.run(other.database(), options)
                .plan(List.of(
                        new RestoreRequest(new TenantId("a"), store.position(), RestorePolicy.INTO_EMPTY, Set.of())))
                .getFirst();
    }

    @Test
    void rowsOfATableThatWasDroppedBeforeAreNotTakenForThoseOfItsSuccessor() {
        server.execute("DROP TABLE public.note");
        change("CREATE TABLE public.note (id bigint PRIMARY KEY, site_id text, level int)", EXACT, true);
        store.insert("a", shape(), Tuple.ofTexts(List.of(Optional.of("7"), Optional.of("a"), Optional.of("5"))));
        server.execute("DELETE FROM public.site WHERE id = 'a'");

        assertThat(drift.effects())
                .containsExactly("public.note: an earlier table of that name was gone by then; its rows are not taken");
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, level FROM public.note")).containsExactly("7|5");
    }

    @Test
    void withoutTheHistoryTwoTablesOfOneNameAreAConflict() {
        server.execute(
                "DROP TABLE public.note", "CREATE TABLE public.note (id bigint PRIMARY KEY, site_id text, level int)");
        store.insert("a", shape(), Tuple.ofTexts(List.of(Optional.of("7"), Optional.of("a"), Optional.of("5"))));

        assertThatThrownBy(drift::plan).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT);
            assertThat(e.what()).contains("public.note was dropped and created again");
        });
    }

    private TableSchema shape() {
        return store.tableNow(TableName.parse("note")).toSchema();
    }

    @Test
    void aColumnThatWasThereIsBroughtBackInRowsOlderAndNewerThanIt() {
        change("ALTER TABLE public.note ADD mood text", "seen", false);
        store.insert("a", shape(), row("7", "a", "title 7", "body 7", "calm"));
        server.execute(
                "ALTER TABLE public.note ALTER mood SET DEFAULT 'new'",
                "INSERT INTO public.note VALUES (7, 'a', 'title 7', 'body 7', 'angry')",
                "UPDATE public.note SET mood = 'set later' WHERE id = 1",
                "DELETE FROM public.note WHERE id = 2");

        RestorePlan plan = drift.policy(RestorePolicy.REPLACE).plan();
        assertThat(plan.rowsToUpdate()).isEqualTo(2);
        assertThat(plan.rowsToInsert()).isEqualTo(1);
        assertThat(drift.restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, coalesce(mood, 'NULL') FROM public.note ORDER BY id"))
                .containsExactly("1|NULL", "2|NULL", "3|NULL", "7|calm");
        assertThat(drift.plan().isRight()).isTrue();
    }

    @Test
    void aColumnThatWasNotThereYetIsLeftAlone() {
        change("ALTER TABLE public.note ADD mood text", "seen", false);
        server.execute("UPDATE public.note SET mood = 'set later', title = 'other' WHERE id = 1");

        assertThat(drift.policy(RestorePolicy.REPLACE).restore().failure()).isEmpty();
        assertThat(server.value("SELECT title || ', ' || mood FROM public.note WHERE id = 1"))
                .isEqualTo("title 1, set later");
    }

    @Test
    void aColumnThatWasDroppedByThenIsNotAskedAbout() {
        change("ALTER TABLE public.note DROP title", "seen", false);
        server.execute("DELETE FROM public.note WHERE id > 1");
        assertThat(drift.problems()).anyMatch(problem -> problem.contains("public.note.title"));

        change("ALTER TABLE public.note ADD title text", "seen", false);
        store.toTheEnd();
        assertThat(drift.problems()).isEmpty();
        assertThat(drift.policy(RestorePolicy.REPLACE).restore().failure()).isEmpty();
        assertThat(server.rows("SELECT id, coalesce(title, 'NULL'), body FROM public.note ORDER BY id"))
                .containsExactly("1|NULL|body 1", "2|NULL|body 2", "3|NULL|body 3");
        assertThat(drift.plan().isRight()).isTrue();
    }

    private static Tuple row(String... values) {
        return Tuple.ofTexts(Stream.of(values).map(Optional::of).toList());
    }

    @Test
    void aMomentAtWhichATableIsNotSureIsSaid() {
        Lsn from = store.position();
        change("ALTER TABLE public.note ALTER body TYPE varchar(50)", EXACT, true);
        store.imageAgain(
                TableName.parse("note"), store.tableNow(TableName.parse("note")).oid(), from, "it was rewritten");

        assertThat(drift.plan().notes())
                .singleElement()
                .asString()
                .contains("public.note: rows of this moment may not be right: it was rewritten")
                .contains("right before " + from);
        store.toTheEnd();
        assertThat(drift.plan().notes()).isEmpty();
    }

    @Test
    void aLostPartOfTheHistoryIsSaidAndRenamesHaveToBeConfirmed() {
        change("ALTER TABLE public.note RENAME title TO subject", EXACT, true);
        server.execute("DELETE FROM public.note");
        assertThat(drift.problems()).isEmpty();
        store.loseCatalogueObject(1);

        RestorePlan plan = drift.plan();
        assertThat(plan.notes())
                .singleElement()
                .asString()
                .contains("a part of the archive's record of tables is lost")
                .contains("reinstate check");
        assertThat(drift.problems()).singleElement().asString().contains("--map public.note.title=subject");
        assertThat(drift.map("public.note.title=subject").restore().failure()).isEmpty();
        assertThat(server.rows("SELECT subject FROM public.note ORDER BY id"))
                .containsExactly("title 1", "title 2", "title 3");
    }

    @Test
    void withoutThatPartWhatNothingElseTellsOfAColumnHasToBeSaid() {
        server.execute("ALTER TABLE public.note RENAME title TO t", "ALTER TABLE public.note ADD title text");
        change("ALTER TABLE public.note DROP t", EXACT, true);
        TableSchema now = shape();
        store.insert(
                "a",
                new TableSchema(
                        now.oid(),
                        now.name(),
                        now.columns().stream()
                                .map(column -> new Column(0, column.name(), column.typeOid(), column.typeName()))
                                .toList(),
                        now.keyColumns()),
                Tuple.ofTexts(
                        List.of(Optional.of("9"), Optional.of("a"), Optional.of("body 9"), Optional.of("title 9"))));
        store.loseCatalogueObject(1);

        drift.policy(RestorePolicy.REPLACE);
        assertThat(drift.problems())
                .anySatisfy(problem -> assertThat(problem)
                        .contains(
                                "public.note.title: whether the column of then is the one that has its name now is not known")
                        .contains("--map public.note.title=title"));
        drift.map("public.note.title=title");
        assertThat(drift.problems()).isEmpty();
    }

    private void change(String sql, String command, boolean exact) {
        server.execute(sql);
        store.noteTables(command, exact);
    }
}
