package dev.reinstate.bench.product;

import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** An object store that counts what is read from it. */
public final class CountingStore implements ObjectStore {
    private final ObjectStore objects;
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    public CountingStore(ObjectStore objects) {
        this.objects = objects;
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

    private byte[] counted(String key, byte[] read) {
        keys.add(key);
        requests.incrementAndGet();
        bytes.addAndGet(read.length);
        return read;
    }

    @Override
    public byte[] get(String key) {
        return counted(key, objects.get(key));
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        return counted(key, objects.getRange(key, offset, length));
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
        requests.incrementAndGet();
        return objects.size(key);
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        requests.incrementAndGet();
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
