package dev.reinstate.archive;

import dev.reinstate.archive.ArchiveReader.Content;
import dev.reinstate.archive.format.Checksum;
import dev.reinstate.model.ContentSum;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Folds a partition into content hashes. */
final class FoldedContent {
    private FoldedContent() {}

    private record Sum(TableName table, ContentSum sum) {}

    static Content read(Snapshot snapshot, ArchiveSettings settings, Partition partition, Lsn position) {
        Map<Integer, Sum> sums = new LinkedHashMap<>();
        MessageDigest digest = Checksum.newSha256();
        try (Fold fold = Fold.open(snapshot, settings, partition, position, table -> true)) {
            while (fold.hasNext()) {
                FoldedRow row = fold.next();
                sums.computeIfAbsent(row.table().oid(), oid -> new Sum(fold.nameOf(row), new ContentSum()))
                        .sum()
                        .add(digest.digest(row.tuple().encoded()));
            }
            List<Content.Table> tables = sums.values().stream()
                    .sorted(Comparator.comparing(Sum::table))
                    .map(sum -> new Content.Table(sum.table(), sum.sum().toHash()))
                    .toList();
            return new Content(
                    tables,
                    fold.isVerified()
                            ? Optional.of(snapshot.baseFor(position).image().position())
                            : Optional.empty());
        }
    }
}
