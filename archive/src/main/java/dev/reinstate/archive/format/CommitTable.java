package dev.reinstate.archive.format;

import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Commits in columns of numbers: a segment may have a million. Not thread-safe. */
public final class CommitTable {
    private long[] lsns;
    private long[] ends;
    private long[] micros;
    private long[] xids;
    private int[] origins;
    private int size;
    private final List<String> originNames = new ArrayList<>();
    private final Map<String, Integer> originNumbers = new LinkedHashMap<>();

    public CommitTable() {
        this(64);
    }

    private CommitTable(int capacity) {
        lsns = new long[capacity];
        ends = new long[capacity];
        micros = new long[capacity];
        xids = new long[capacity];
        origins = new int[capacity];
    }

    public int size() {
        return size;
    }

    public long lsn(int index) {
        return lsns[index];
    }

    public long end(int index) {
        return ends[index];
    }

    public long micros(int index) {
        return micros[index];
    }

    public long xid(int index) {
        return xids[index];
    }

    public Commit commit(int index) {
        String origin = origins[index] == 0 ? "" : originNames.get(origins[index] - 1);
        return new Commit(new Lsn(lsns[index]), new Lsn(ends[index]), timeOf(micros[index]), xids[index], origin);
    }

    /** Appends and returns the index. */
    public int add(Commit commit) {
        grow(size + 1);
        lsns[size] = commit.commitLsn().value();
        ends[size] = commit.endLsn().value();
        micros[size] = microsOf(commit.time());
        xids[size] = commit.xid();
        origins[size] = originNumber(commit.origin());
        return size++;
    }

    /** Appends a commit of another table and returns the index. */
    public int add(CommitTable source, int index) {
        grow(size + 1);
        lsns[size] = source.lsns[index];
        ends[size] = source.ends[index];
        micros[size] = source.micros[index];
        xids[size] = source.xids[index];
        origins[size] =
                source.origins[index] == 0 ? 0 : originNumber(source.originNames.get(source.origins[index] - 1));
        return size++;
    }

    /** Index of the commit at that LSN in an ascending table, or as {@link Arrays#binarySearch} says where it belongs. */
    public int find(long lsn) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = Long.compareUnsigned(lsns[middle], lsn);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -(low + 1);
    }

    public void clear() {
        size = 0;
        originNames.clear();
        originNumbers.clear();
    }

    public void write(ByteSink sink) {
        sink.varint(size);
        if (size == 0) {
            return;
        }
        sink.varint(originNames.size());
        originNames.forEach(sink::string);
        long lsn = 0;
        long micro = 0;
        long xid = 0;
        for (int i = 0; i < size; i++) {
            sink.zigzag(lsns[i] - lsn).varint(ends[i] - lsns[i]).zigzag(micros[i] - micro);
            sink.zigzag(xids[i] - xid).varint(origins[i]);
            lsn = lsns[i];
            micro = micros[i];
            xid = xids[i];
        }
    }

    public static CommitTable read(ByteSource source) {
        int count = source.length();
        CommitTable table = new CommitTable(Math.max(1, count));
        if (count == 0) {
            return table;
        }
        int originCount = source.length();
        for (int i = 0; i < originCount; i++) {
            table.originNumber(source.string());
        }
        long lsn = 0;
        long micro = 0;
        long xid = 0;
        for (int i = 0; i < count; i++) {
            lsn += source.zigzag();
            table.lsns[i] = lsn;
            table.ends[i] = lsn + source.varint();
            micro += source.zigzag();
            table.micros[i] = micro;
            xid += source.zigzag();
            table.xids[i] = xid;
            table.origins[i] = source.index(originCount + 1);
        }
        table.size = count;
        return table;
    }

    public static long microsOf(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    public static Instant timeOf(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private int originNumber(String origin) {
        if (origin.isEmpty()) {
            return 0;
        }
        Integer known = originNumbers.get(origin);
        if (known != null) {
            return known;
        }
        originNames.add(origin);
        originNumbers.put(origin, originNames.size());
        return originNames.size();
    }

    private void grow(int needed) {
        if (needed > lsns.length) {
            int capacity = lsns.length * 2;
            lsns = Arrays.copyOf(lsns, capacity);
            ends = Arrays.copyOf(ends, capacity);
            micros = Arrays.copyOf(micros, capacity);
            xids = Arrays.copyOf(xids, capacity);
            origins = Arrays.copyOf(origins, capacity);
        }
    }
}
