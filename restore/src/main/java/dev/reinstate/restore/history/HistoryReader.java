package dev.reinstate.restore.history;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveState.Range;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Adds up a tenant's changes over time, in as many buckets as a screen can show. */
public final class HistoryReader {
    private static final int MAX_BUCKETS = 48;
    private static final int MAX_BIG_DELETIONS = 50;
    private static final List<Duration> WIDTHS = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofHours(1),
            Duration.ofHours(6),
            Duration.ofDays(1),
            Duration.ofDays(7));

    private final ArchiveReader archive;
    private final List<GoneTable> goneTables;

    public HistoryReader(ArchiveReader archive) {
        this.archive = archive;
        this.goneTables = GoneTable.read(archive);
    }

    /**
     * @param since empty: from the first image on
     * @param until empty: to the newest durable commit
     */
    public History read(TenantId tenant, Optional<Instant> since, Optional<Instant> until) {
        List<Range> ranges = archive.ranges();
        if (ranges.isEmpty()) {
            throw ReinstateException.notRestorable(
                    "There is no history", "the archive has no complete image yet", "wait for `reinstate protect`");
        }
        Instant begin = since.orElse(ranges.getFirst().fromTime());
        Instant end = until.orElse(ranges.getLast().toTime());
        if (end.isBefore(begin)) {
            throw ReinstateException.invalid(
                    "The time from " + begin + " until " + end,
                    "it ends before it begins; history is kept from "
                            + ranges.getFirst().fromTime() + " until "
                            + ranges.getLast().toTime(),
                    "give --since before --until");
        }
        Collector collector = new Collector(begin, widthFor(Duration.between(begin, end)));
        for (Range range : ranges) {
            if (!range.toTime().isBefore(begin) && !range.fromTime().isAfter(end)) {
                collect(tenant, range, begin, end, collector);
            }
        }
        return collector.history(tenant, begin, end);
    }

    private void collect(TenantId tenant, Range range, Instant begin, Instant end, Collector collector) {
        Lsn after = begin.isAfter(range.fromTime())
                ? archive.positionAt(begin)
                : range.from().previous();
        Lsn upTo = end.isBefore(range.toTime())
                ? archive.positionAt(end)
                : range.to().previous();
        RowCounts counts = RowCounts.at(archive, tenant, after);
        collector.gone = !counts.hasTenant();
        if (!upTo.isAfter(after)) {
            return;
        }
        try (TransactionSummaries transactions = TransactionSummaries.of(archive, tenant, after, upTo, goneTables)) {
            while (transactions.hasNext()) {
                TransactionSummary transaction = transactions.next();
                collector.add(transaction, counts);
                counts.apply(transaction);
                collector.follow(counts.rootAfter(transaction));
            }
        }
    }

    private static Duration widthFor(Duration whole) {
        for (Duration width : WIDTHS) {
            if (width.multipliedBy(MAX_BUCKETS).compareTo(whole) >= 0) {
                return width;
            }
        }
        return WIDTHS.getLast()
                .multipliedBy(1 + whole.dividedBy(WIDTHS.getLast().multipliedBy(MAX_BUCKETS)));
    }

    private static final class Collector {
        private final Instant begin;
        private final Duration width;
        private final SortedMap<Long, History.Bucket> buckets = new TreeMap<>();
        private final SortedMap<TableName, History.Totals> totals = new TreeMap<>();
        private final BigDeletions bigDeletions = new BigDeletions(MAX_BIG_DELETIONS);
        private boolean gone;

        Collector(Instant begin, Duration width) {
            this.begin = begin;
            this.width = width;
        }

        void add(TransactionSummary transaction, RowCounts before) {
            bigDeletions.offer(Deletion.of(transaction, before));
            SortedMap<TableName, History.Totals> tables = new TreeMap<>();
            transaction.tables().forEach((table, counts) -> {
                History.Totals changed = totals(counts, before.of(table));
                if (!changed.equals(History.Totals.NONE)) {
                    tables.put(table, changed);
                }
            });
            if (tables.isEmpty()) {
                return;
            }
            tables.forEach((table, changed) -> totals.merge(table, changed, History.Totals::plus));
            Duration since = Duration.between(begin, transaction.commit().time());
            long number = since.isNegative() ? 0 : since.dividedBy(width);
            History.Bucket bucket = new History.Bucket(begin.plus(width.multipliedBy(number)), 1, tables);
            buckets.merge(number, bucket, Collector::merge);
        }

        void follow(TransactionSummary.Root root) {
            if (root != TransactionSummary.Root.UNTOUCHED) {
                gone = root != TransactionSummary.Root.PRESENT;
            }
        }

        private static History.Bucket merge(History.Bucket a, History.Bucket b) {
            SortedMap<TableName, History.Totals> tables = new TreeMap<>(a.tables());
            b.tables().forEach((table, changed) -> tables.merge(table, changed, History.Totals::plus));
            return new History.Bucket(a.begin(), a.transactions() + b.transactions(), tables);
        }

        private static History.Totals totals(TableCounts counts, long rowsBefore) {
            long emptied = counts.truncated() ? rowsBefore : 0;
            return new History.Totals(counts.gained(), counts.updated(), emptied + counts.deleted() + counts.left());
        }

        History history(TenantId tenant, Instant since, Instant until) {
            return new History(
                    tenant,
                    since,
                    until,
                    width,
                    new ArrayList<>(buckets.values()),
                    totals,
                    bigDeletions.inOrder(),
                    bigDeletions.count(),
                    gone);
        }
    }
}
