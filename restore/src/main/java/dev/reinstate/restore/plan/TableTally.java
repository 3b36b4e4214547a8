package dev.reinstate.restore.plan;

import dev.reinstate.model.Tuple;
import dev.reinstate.restore.content.ContentHash;
import dev.reinstate.restore.content.ContentSum;
import dev.reinstate.restore.content.RowHasher;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.IntStream;

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
    private final ContentSum relinkedThen = new ContentSum();
    private final ContentSum relinkedNow = new ContentSum();
    private final ContentSum complete = new ContentSum();
    private final List<String> given;
    private final int[] liveComplete;
    private long right;
    private long orphans;
    private long taken;
    private long respelled;
    private long unreached;
    private boolean partlyLookedUp;
    private long sizeBytes;

    /** Nothing merged yet. */
    public TableTally(TableLayout table, RestorePolicy policy) {
        this.table = table;
        this.policy = policy;
        this.liveCommon = table.liveCommon();
        this.given = List.copyOf(table.given().keySet());
        this.liveComplete = IntStream.concat(
                        IntStream.of(liveCommon), given.stream().mapToInt(table.liveColumns()::indexOf))
                .toArray();
    }

    /** A row of then that is to be inserted. */
    public void missing(RowShape shape, Tuple row) {
        byte[] hash = hasher.hash(row, shape.compared());
        then.add(hash);
        after.add(hash);
        missing.add(hash);
        addWritten(shape.inserted(), shape.toInsert(row), row);
        sizeBytes += row.encoded().length;
    }

    void right(RowShape shape, Tuple row, Tuple live) {
        byte[] hash = hasher.hash(row, shape.compared());
        then.add(hash);
        after.add(hash);
        addKept(live);
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
            addWritten(shape, row, live);
            sizeBytes += row.encoded().length;
        } else {
            addKept(live);
        }
    }

    /** A row that is nobody's by now and will be the tenant's again, whatever the policy. */
    void relinked(RowShape shape, Tuple row, Tuple live) {
        byte[] hash = hasher.hash(row, shape.compared());
        then.add(hash);
        after.add(hash);
        relinkedThen.add(hash);
        relinkedNow.add(hasher.hash(live, liveCommon));
        addWritten(shape, row, live);
        sizeBytes += row.encoded().length;
    }

    /** A row of then that no path leads to. */
    void unreached() {
        unreached++;
    }

    /** How many rows there will be that no path leads to. */
    public long rowsUnreached() {
        return unreached;
    }

    /** A live row becomes the tenant's with one that it belongs to. */
    void below() {
        orphans += table.isBound() ? 0 : 1; // else it is found again with what it hangs below
    }

    void lookedUp(RowLookup lookup) {
        orphans += lookup.orphans();
        taken = lookup.taken();
        respelled = lookup.respelled();
        partlyLookedUp = lookup.isPartial();
    }

    /** How many rows of then live and are nobody's, already right ones included. */
    long orphans() {
        return orphans;
    }

    /** How many keys of rows to insert are known to be held by rows of others. */
    long keysTaken() {
        return taken;
    }

    /** How many keys of rows to insert are known to be held by rows of the tenant itself, written differently. */
    long keysRespelled() {
        return respelled;
    }

    /** Whether some keys were not looked for among rows of others. */
    boolean isPartlyLookedUp() {
        return partlyLookedUp;
    }

    long relinked() {
        return relinkedThen.rows();
    }

    void surplus(Tuple live) {
        byte[] liveHash = hasher.hash(live, liveCommon);
        surplus.add(liveHash);
        if (!policy.changesLiveRows()) {
            after.add(liveHash);
            addKept(live);
        }
    }

    /** A row that will be there with the values of then and, in columns it has none for, those it has now. */
    private void addWritten(RowShape shape, Tuple row, Tuple live) {
        if (given.isEmpty()) {
            return;
        }
        Tuple.Builder builder = new Tuple.Builder(row.encoded().length);
        for (int column : shape.compared()) {
            builder.addColumn(row, column);
        }
        for (int i = 0; i < given.size(); i++) {
            int at = shape.sourceOf(given.get(i));
            if (at >= 0) {
                builder.addColumn(row, at);
            } else {
                builder.addColumn(live, liveComplete[liveCommon.length + i]);
            }
        }
        complete.add(hasher.hash(builder.build()));
    }

    private void addKept(Tuple live) {
        if (!given.isEmpty()) {
            complete.add(hasher.hash(live, liveComplete));
        }
    }

    /** What must be read back of {@link TableLayout#verifiedColumns}. */
    public ContentHash toReadBack() {
        return given.isEmpty() ? after.toHash() : complete.toHash();
    }

    /** Rows merged so far that will be or would be written. */
    public long rowsToWrite() {
        return missing.rows() + relinked() + (policy.changesLiveRows() ? differentThen.rows() : 0);
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
        if (!given.isEmpty()) {
            add(fingerprint, complete.toHash().toString());
        }
        add(fingerprint, relinkedThen.toHash().toString());
        add(fingerprint, relinkedNow.toHash().toString());
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
                relinked(),
                differentThen.rows(),
                surplus.rows(),
                right,
                sizeBytes,
                then.toHash(),
                after.toHash());
    }
}
