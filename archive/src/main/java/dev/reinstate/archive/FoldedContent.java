package dev.reinstate.archive;

import dev.reinstate.archive.ArchiveReader.Content;
import dev.reinstate.archive.format.RowDigest;
import dev.reinstate.model.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds a partition's rows up into content hashes. */
final class FoldedContent {
    private final RowDigest digest = new RowDigest();
    private final List<Content.Table> tables = new ArrayList<>();
    private long rows;

    private FoldedContent() {}

    /** Reads the fold to its end. */
    static Content of(SteadyFold fold) {
        FoldedContent content = new FoldedContent();
        content.read(fold);
        content.tables.sort(Comparator.comparing(Content.Table::table));
        return new Content(content.tables, fold.verifiedAgainst());
    }

    private void read(SteadyFold fold) {
        int oid = 0;
        @Nullable TableName name = null;
        while (fold.hasNext()) {
            FoldedRow row = fold.next();
            if (name == null || row.table().oid() != oid) {
                endTable(name);
                oid = row.table().oid();
                name = fold.nameOf(row);
            }
            digest.add(row.key(), row.tuple());
            rows++;
        }
        endTable(name);
    }

    private void endTable(@Nullable TableName name) {
        if (name != null) {
            tables.add(new Content.Table(name, rows, HexFormat.of().formatHex(digest.finish())));
            rows = 0;
        }
    }
}
