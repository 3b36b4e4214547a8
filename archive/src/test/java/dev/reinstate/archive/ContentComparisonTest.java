package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.format.RowDigest;
import dev.reinstate.archive.format.TableContent;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** A fold knows nothing of where an image's parts end, which may be within a table. */
final class ContentComparisonTest {
    private static boolean all(int ignoredOid) {
        return true;
    }

    private static List<FoldedRow> rows(int oid, String... titles) {
        TableSchema table = RandomHistory.schema(oid, "t" + oid, List.of("id", "title"), List.of(0));
        List<FoldedRow> rows = new ArrayList<>();
        for (int i = 0; i < titles.length; i++) {
            Tuple row = Tuple.ofTexts(List.of(Optional.of(Integer.toString(i)), Optional.of(titles[i])));
            rows.add(new FoldedRow(table, RowKey.of(table, row), row));
        }
        return rows;
    }

    private static TableContent kept(List<FoldedRow> rows) {
        RowDigest digest = new RowDigest();
        rows.forEach(row -> digest.add(row.key(), row.tuple()));
        return TableContent.of(rows.getFirst().table().oid(), rows.size(), digest.finish());
    }

    @SafeVarargs
    private static Optional<Integer> different(List<TableContent> kept, IntPredicate tables, List<FoldedRow>... found) {
        ContentComparison comparison = new ContentComparison(kept, tables);
        for (List<FoldedRow> table : found) {
            table.forEach(comparison::add);
        }
        return comparison.different();
    }

    @Test
    void tablesAreComparedPieceByPiece() {
        List<FoldedRow> first = rows(1, "a", "b", "c", "d", "e");
        List<FoldedRow> second = rows(2, "x");
        List<TableContent> kept =
                List.of(kept(first.subList(0, 2)), kept(first.subList(2, 4)), kept(first.subList(4, 5)), kept(second));
        assertThat(different(kept, ContentComparisonTest::all, first, second)).isEmpty();
        for (List<FoldedRow> other : List.of(
                rows(1, "A", "b", "c", "d", "e"),
                rows(1, "a", "b", "C", "d", "e"),
                rows(1, "a", "b", "c", "d", "E"),
                rows(1, "a", "b", "c", "d"),
                rows(1, "a", "b", "c"),
                first.subList(1, 5),
                rows(1, "a", "b", "c", "d", "e", "f"),
                List.<FoldedRow>of())) {
            assertThat(different(kept, ContentComparisonTest::all, other, second))
                    .as("%s", other)
                    .isPresent();
            assertThat(different(kept, oid -> oid == 2, other, second)).isEmpty();
        }
    }

    @Test
    void theFirstTableThatDiffersIsNamed() {
        List<TableContent> kept = List.of(kept(rows(1, "a")), kept(rows(2, "b")), kept(rows(3, "c")));
        assertThat(different(kept, ContentComparisonTest::all, rows(1, "a"), rows(2, "B"), rows(3, "C")))
                .hasValue(2);
        assertThat(different(kept, ContentComparisonTest::all, rows(1, "a"), rows(2, "b")))
                .hasValue(3);
        assertThat(different(kept, ContentComparisonTest::all, rows(1, "a"), rows(2, "b"), rows(3, "c"), rows(4, "d")))
                .hasValue(4);
        assertThat(different(List.of(), ContentComparisonTest::all)).isEmpty();
        assertThat(different(List.of(), ContentComparisonTest::all, rows(1, "a")))
                .hasValue(1);
        assertThat(different(kept, oid -> oid != 2, rows(1, "a"), rows(2, "B"), rows(3, "c")))
                .isEmpty();
    }
}
