package dev.reinstate.restore.plan;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import dev.reinstate.restore.content.ContentSum;
import dev.reinstate.restore.content.RowHasher;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Set;

/** Counts and hashes of one table's rows as they are merged. Not thread-safe. */
public final class TableTally {
    private final TableLayout table;
    private final RestorePolicy policy;
    private final RowHasher hasher = new RowHasher();
    private final int[] liveCommon;
    private final ContentSum then = new ContentSum();
    private final ContentSum after = new ContentSum();
    private final ContentSum missing = new ContentSum();
    private final ContentSum differentThen = new ContentSum();
    private final ContentSum differentNow = new ContentSum();
    private final ContentSum surplus = new ContentSum();
    private final long[] lostValues;
    private final Set<RowKey> nobodys = new HashSet<>();
    private long right;
    private long sizeBytes;

    TableTally(TableLayout table, RestorePolicy policy) {
        this.table = table;
        this.policy = policy;
        this.liveCommon = table.liveCommon();
        this.lostValues = new long[table.goneColumns().size()];
    }

    void missing(RowShape shape, Tuple row) {
        byte[] hash = hasher.hash(row, shape.compared());
        then.add(hash);
        after.add(hash);
        missing.add(hash);
        sizeBytes += row.encoded().length;
        countLost(shape, row);
    }

    void right(RowShape shape, Tuple row) {
        byte[] hash = hasher.hash(row, shape.compared());
        then.add(hash);
        after.add(hash);
        right++;
    }

    void different(RowShape shape, Tuple row, Tuple live) {
        byte[] hash = hasher.hash(row, shape.compared());
        byte[] liveHash = hasher.hash(live, liveCommon);
        then.add(hash);
        differentThen.add(hash);
        differentNow.add(liveHash);
        after.add(policy.changesLiveRows() ? hash : liveHash);
        if (policy.changesLiveRows()) {
            sizeBytes += row.encoded().length;
            countLost(shape, row);
        }
    }

    void surplus(Tuple live) {
        byte[] liveHash = hasher.hash(live, liveCommon);
        surplus.add(liveHash);
        if (!policy.changesLiveRows()) {
            after.add(liveHash);
        }
    }

    /** A row of then that is nobody's by its own values: it belongs to the tenant because it once did. */
    void nobodys(RowKey key) {
        nobodys.add(key);
    }

    /** Keys of rows that will be there and are not found by what the database says of owners. */
    public Set<RowKey> nobodys() {
        return nobodys;
    }

    private void countLost(RowShape shape, Tuple row) {
        for (int i = 0; i < shape.gone().length; i++) {
            int at = shape.gone()[i];
            if (at >= 0 && !row.isNull(at)) {
                lostValues[i]++;
            }
        }
    }

    /** How many rows to write have a value in {@link TableLayout#goneColumns}, in that order. */
    long lostValues(int goneColumn) {
        return lostValues[goneColumn];
    }

    /** Rows merged so far that will be or would be written. */
    public long rowsToWrite() {
        return missing.rows() + (policy.changesLiveRows() ? differentThen.rows() : 0);
    }

    /** Whether there was nothing to merge. */
    boolean isEmpty() {
        return then.rows() == 0 && differentNow.rows() == 0 && surplus.rows() == 0;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    public TableLayout table() {
        return table;
    }

    /** Adds everything that would be written, changed and deleted to a fingerprint. */
    void addTo(MessageDigest fingerprint) {
        add(fingerprint, table.name().toString());
        add(fingerprint, missing.toHash().toString());
        if (policy.changesLiveRows()) {
            add(fingerprint, differentThen.toHash().toString());
            add(fingerprint, differentNow.toHash().toString());
            add(fingerprint, surplus.toHash().toString());
        }
    }

    private static void add(MessageDigest fingerprint, String part) {
        fingerprint.update(part.getBytes(StandardCharsets.UTF_8));
        fingerprint.update((byte) 0);
    }

    public TablePlan toPlan() {
        return new TablePlan(
                table.name(),
                missing.rows(),
                differentThen.rows(),
                surplus.rows(),
                right,
                sizeBytes,
                then.toHash(),
                after.toHash());
    }
}
