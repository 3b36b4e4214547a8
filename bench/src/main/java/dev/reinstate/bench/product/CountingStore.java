package dev.reinstate.bench.product;

import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** An object store that counts what is read from it, and may be as far away as one asks. */
public final class CountingStore implements ObjectStore {
    /** As of an S3 bucket. */
    private static final int AHEAD = 16;

    private final ObjectStore objects;
    private final Duration roundTrip;
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    public CountingStore(ObjectStore objects) {
        this(objects, Duration.ZERO);
    }

    /** @param roundTrip how long every answer takes at least */
    public CountingStore(ObjectStore objects, Duration roundTrip) {
        this.objects = objects;
        this.roundTrip = roundTrip;
    }

    /** Objects read from, whole or in part, whose names begin so. */
    public long objectsRead(String prefix) {
        return keys.stream().filter(key -> key.startsWith(prefix)).count();
    }

    /** Round trips, reads only. */
    public long requests() {
        return requests.get();
    }

    public long bytesRead() {
        return bytes.get();
    }

    private byte[] counted(String key, Supplier<byte[]> reading) {
        ask();
        keys.add(key);
        byte[] read = reading.get();
        bytes.addAndGet(read.length);
        return read;
    }

    private void ask() {
        requests.incrementAndGet();
        if (roundTrip.isPositive()) {
            LockSupport.parkNanos(roundTrip.toNanos());
        }
    }

    @Override
    public byte[] get(String key) {
        return counted(key, () -> objects.get(key));
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        return counted(key, () -> objects.getRange(key, offset, length));
    }

    @Override
    public int readAhead() {
        return roundTrip.isPositive() ? AHEAD : objects.readAhead();
    }

    @Override
    public Capabilities capabilities() {
        return objects.capabilities();
    }

    @Override
    public ObjectWriter create(String key) {
        return objects.create(key);
    }

    @Override
    public OptionalLong size(String key) {
        ask();
        return objects.size(key);
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        ask();
        return objects.list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
        objects.delete(key);
    }

    @Override
    public void replace(String key, byte[] content) {
        objects.replace(key, content);
    }

    @Override
    public Optional<Instant> lockedUntil(String key) {
        return objects.lockedUntil(key);
    }

    @Override
    public long removeUnfinished(Instant begunBefore) {
        return objects.removeUnfinished(begunBefore);
    }

    @Override
    public void close() {
        objects.close();
    }
}
