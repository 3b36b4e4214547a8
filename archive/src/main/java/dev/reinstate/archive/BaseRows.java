package dev.reinstate.archive;

import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one partition that a fold begins with, in order: those of the image, and of each re-imaged table those of
 * its newest table image. No table comes from two places, so the sources are merged by table alone, and one whose first
 * table is not reached yet is not read yet. Not thread-safe.
 */
final class BaseRows implements AutoCloseable {
    private final PriorityQueue<Source> sources = new PriorityQueue<>();
    private @Nullable Source current;

    BaseRows(Snapshot snapshot, FoldBase base, Partition partition) {
        sources.add(new Source(snapshot, base.image().parts(), partition, oid -> !base.isReimaged(oid), true, 0));
        for (Entry.TableImage image : base.tableImages()) {
            int first = image.tables().stream()
                    .mapToInt(Entry.Reimaged::oid)
                    .filter(oid -> base.comesFrom(image, oid))
                    .reduce((a, b) -> Integer.compareUnsigned(a, b) <= 0 ? a : b)
                    .orElseThrow();
            sources.add(
                    new Source(snapshot, image.parts(), partition, oid -> base.comesFrom(image, oid), false, first));
        }
    }

    boolean next() {
        if (current != null) {
            Source moved = current;
            current = null;
            advance(moved);
        }
        Source first = sources.poll();
        while (first != null && first.rows == null) {
            first.rows = first.open();
            advance(first);
            first = sources.poll();
        }
        current = first;
        return current != null;
    }

    private void advance(Source source) {
        ImageRows rows = source.openRows();
        if (source.next(rows)) {
            source.oid = rows.record().oid;
            sources.add(source);
        } else {
            rows.close();
        }
    }

    RawRecord record() {
        return rows().record();
    }

    TableSchema schema() {
        return rows().schema();
    }

    /** The newest shape that the record's table has in the image. */
    TableSchema newestSchema() {
        return rows().newestSchema();
    }

    FoldedRow row() {
        return rows().row();
    }

    /** Makes the row the first version of its key. */
    void begin(RowVersion version) {
        rows().begin(version);
    }

    private ImageRows rows() {
        if (current == null) {
            throw new IllegalStateException("no row");
        }
        return current.openRows();
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
        sources.forEach(Source::close);
        sources.clear();
    }

    /** The image that a fold begins with cannot be read. */
    static final class ImageDamaged extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final ReinstateException damage;

        private ImageDamaged(ReinstateException damage) {
            super(damage);
            this.damage = damage;
        }

        /** What a failure to read the image is thrown as. */
        static RuntimeException of(ReinstateException failure) {
            return failure.kind() == FailureKind.DAMAGED ? new ImageDamaged(failure) : failure;
        }

        ReinstateException damage() {
            return damage;
        }

        /** What is said when an older one is used. */
        DamageListener.Workaround workaround(Entry.Image older) {
            return new DamageListener.Workaround(
                    damage.what() + ": " + damage.why(),
                    "used instead: the image at " + older.position() + ", of " + older.time()
                            + ", and every change since");
        }
    }

    /** An image's rows of some tables. */
    private static final class Source implements Comparable<Source> {
        private final Snapshot snapshot;
        private final List<Entry.Part> parts;
        private final Partition partition;
        private final IntPredicate tables;
        private final boolean isImage;
        /** Of the row it is at; the lowest possible before it is opened. */
        private int oid;

        private @Nullable ImageRows rows;

        private Source(
                Snapshot snapshot,
                List<Entry.Part> parts,
                Partition partition,
                IntPredicate tables,
                boolean isImage,
                int firstOid) {
            this.isImage = isImage;
            this.snapshot = snapshot;
            this.parts = parts;
            this.partition = partition;
            this.tables = tables;
            this.oid = firstOid;
        }

        private ImageRows open() {
            return new ImageRows(snapshot, parts, partition, tables);
        }

        private ImageRows openRows() {
            if (rows == null) {
                throw new IllegalStateException("not open");
            }
            return rows;
        }

        /** Damage of the image is told from others: an older image may be sound. */
        private boolean next(ImageRows from) {
            try {
                return from.next();
            } catch (ReinstateException e) {
                throw isImage ? ImageDamaged.of(e) : e;
            }
        }

        private void close() {
            if (rows != null) {
                rows.close();
            }
        }

        @Override
        public int compareTo(Source other) {
            return Integer.compareUnsigned(oid, other.oid);
        }
    }
}
