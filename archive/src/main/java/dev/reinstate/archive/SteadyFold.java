package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A fold that survives damage where something else says the same. Of a damaged image: it begins again with the image before, from
 * which the segments since lead to the same rows, and leaves out those that it has handed out already. Of a merged segment:
 * it begins again with those that were merged, as long as they are there. Nothing is read twice as long as nothing is damaged. Of
 * several images none of which can be read, the newest one's damage is thrown. If asked, it holds the rows that it begins with
 * against the content hashes kept with them, before it hands out any. Not thread-safe.
 */
final class SteadyFold implements ArchiveReader.RowStream {
    private Snapshot snapshot;
    private final ArchiveSettings settings;
    private final Partition partition;
    private final Lsn position;
    private final Predicate<TableSchema> tables;
    private final @Nullable BaseCheck bases;
    private final List<Entry.Image> images;

    private Optional<Lsn> verifiedAgainst = Optional.empty();
    private int image;
    private Fold fold;
    private @Nullable FoldedRow next;
    private int lastOid;
    private @Nullable RowKey lastKey;
    private @Nullable ReinstateException firstDamage;

    SteadyFold(
            Snapshot snapshot,
            ArchiveSettings settings,
            Partition partition,
            Lsn position,
            Predicate<TableSchema> tables) {
        this(snapshot, settings, partition, position, tables, null);
    }

    /** @param bases what holds the rows that it begins with against content hashes; null if nothing is to */
    SteadyFold(
            Snapshot snapshot,
            ArchiveSettings settings,
            Partition partition,
            Lsn position,
            Predicate<TableSchema> tables,
            @Nullable BaseCheck bases) {
        this.bases = bases;
        this.snapshot = snapshot;
        this.settings = settings;
        this.partition = partition;
        this.position = position;
        this.tables = tables;
        this.images = snapshot.imagesFor(position);
        snapshot.requireNotErased(partition, position);
        this.fold = open();
    }

    private Fold open() {
        while (true) {
            try {
                FoldBase base = snapshot.baseOf(images.get(image), position);
                verifiedAgainst = bases == null ? Optional.empty() : bases.check(snapshot, base, partition);
                return Fold.open(snapshot, settings, partition, position, base, tables);
            } catch (BaseRows.ImageDamaged e) {
                goBack(e);
            } catch (Fold.SegmentDamaged e) {
                goBeside(e);
            } catch (ReinstateException e) {
                throw firstDamage == null ? e : also(e);
            }
        }
    }

    /** To the segments that the damaged one was merged from. */
    private void goBeside(Fold.SegmentDamaged e) {
        try {
            snapshot = snapshot.with(e.segment(), snapshot.sources().insteadOf(e.segment(), e.damage()));
        } catch (ReinstateException none) {
            throw firstDamage == null ? none : also(none);
        }
    }

    /**
     * Position of the image that it begins with, if its rows, and those of table images since, were held against the hashes
     * kept with all of them.
     */
    Optional<Lsn> verifiedAgainst() {
        return verifiedAgainst;
    }

    /** What the row's table is called at the position of the fold. */
    TableName nameOf(FoldedRow row) {
        return fold.nameOf(row);
    }

    /** To the image before the one that is damaged. */
    private void goBack(BaseRows.ImageDamaged e) {
        if (firstDamage == null) {
            firstDamage = e.damage();
        }
        image++;
        if (image == images.size()) {
            throw firstDamage;
        }
        settings.damage().workedAround(e.workaround(images.get(image)));
    }

    /** What came instead of a damaged image cannot be read either. */
    private ReinstateException also(ReinstateException e) {
        return MergeSources.both(Objects.requireNonNull(firstDamage), e);
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            next = advance();
        }
        return next != null;
    }

    /** The next row that was not handed out yet; null at the end. */
    private @Nullable FoldedRow advance() {
        while (true) {
            try {
                FoldedRow row = fold.next();
                if (row == null || firstDamage == null || isNew(row)) {
                    return row;
                }
            } catch (BaseRows.ImageDamaged e) {
                fold.close();
                goBack(e);
                fold = open();
            } catch (ReinstateException e) {
                throw firstDamage == null ? e : also(e);
            }
        }
    }

    private boolean isNew(FoldedRow row) {
        if (lastKey == null) {
            return true;
        }
        int byTable = Integer.compareUnsigned(row.table().oid(), lastOid);
        return byTable > 0 || (byTable == 0 && row.key().compareTo(lastKey) > 0);
    }

    @Override
    public FoldedRow next() {
        FoldedRow row = next == null ? advance() : next;
        if (row == null) {
            throw new NoSuchElementException("no more rows");
        }
        next = null;
        lastOid = row.table().oid();
        lastKey = row.key();
        return row;
    }

    @Override
    public void close() {
        fold.close();
    }
}
