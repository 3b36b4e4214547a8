package dev.reinstate.archive;

import dev.reinstate.archive.format.RowDigest;
import dev.reinstate.archive.format.TableContent;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** Whether a fold's rows are those of an image, by the content hashes kept with it. Not thread-safe. */
final class ContentComparison {
    private final RowDigest digest = new RowDigest();
    private final List<TableContent> kept;
    private final IntPredicate tables;
    private int at;
    private int oid;
    private long rows;
    private Optional<Integer> different = Optional.empty();

    /**
     * @param kept in the order of rows
     * @param tables those compared, by oid
     */
    ContentComparison(List<TableContent> kept, IntPredicate tables) {
        this.kept = kept.stream().filter(table -> tables.test(table.oid())).toList();
        this.tables = tables;
    }

    /** The fold's next row. */
    void add(FoldedRow row) {
        int of = row.table().oid();
        if (different.isPresent() || !tables.test(of)) {
            return;
        }
        if (rows > 0 && (of != oid || rows == kept.get(at).rows())) {
            endPiece();
        }
        if (different.isEmpty() && at == kept.size()) {
            different = Optional.of(of);
        }
        oid = of;
        digest.add(row.key(), row.tuple());
        rows++;
    }

    private void endPiece() {
        if (rows > 0 && different.isEmpty()) {
            boolean isSame = TableContent.of(oid, rows, digest.finish()).equals(kept.get(at));
            different = isSame ? Optional.empty() : Optional.of(oid);
            at++;
            rows = 0;
        }
    }

    /** At the end: oid of the first table whose rows are not the same in both. */
    Optional<Integer> different() {
        endPiece();
        if (different.isEmpty() && at < kept.size()) {
            different = Optional.of(kept.get(at).oid());
        }
        return different;
    }
}
