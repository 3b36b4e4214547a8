package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The rows of some tables in an image, part after part. Not thread-safe. */
final class PartsRecords implements SourceRecords {
    private final Iterator<Entry.Part> parts;
    private final Function<Entry.Part, ObjectRecords> opener;
    private final IntPredicate tables;
    private final Function<ReinstateException, RuntimeException> failure;
    private @Nullable ObjectRecords current;

    /**
     * @param tables by oid
     * @param failure what a failure to read them is thrown as
     */
    PartsRecords(
            List<Entry.Part> parts,
            IntPredicate tables,
            Function<Entry.Part, ObjectRecords> opener,
            Function<ReinstateException, RuntimeException> failure) {
        this.parts = parts.iterator();
        this.tables = tables;
        this.opener = opener;
        this.failure = failure;
    }

    @Override
    public boolean next() {
        try {
            return advance();
        } catch (ReinstateException e) {
            throw failure.apply(e);
        }
    }

    private boolean advance() {
        while (true) {
            if (current != null) {
                while (current.next()) {
                    if (tables.test(current.record().oid)) {
                        return true;
                    }
                }
                close();
            }
            if (!parts.hasNext()) {
                return false;
            }
            current = opener.apply(parts.next());
        }
    }

    @Override
    public void loadTuple() {
        try {
            open().loadTuple();
        } catch (ReinstateException e) {
            throw failure.apply(e);
        }
    }

    @Override
    public RawRecord record() {
        return open().record();
    }

    @Override
    public TableSchema schema() {
        return open().schema();
    }

    @Override
    public CommitTable commits() {
        return open().commits();
    }

    private ObjectRecords open() {
        if (current == null) {
            throw new IllegalStateException("no row");
        }
        return current;
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
