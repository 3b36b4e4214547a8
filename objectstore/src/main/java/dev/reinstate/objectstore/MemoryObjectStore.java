package dev.reinstate.objectstore;

import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Objects in memory, gone with the process: for tests and scratch archives. */
public final class MemoryObjectStore implements ObjectStore {
    private final ConcurrentNavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final Map<String, Instant> locks = new ConcurrentHashMap<>();
    private final boolean locking;
    private final LockPolicy lockPolicy;
    private final Clock clock;

    /** One that locks nothing. */
    public MemoryObjectStore() {
        this(false, LockPolicy.NONE, Clock.systemUTC());
    }

    /** One that locks new objects and knows by that clock when a lock has run out. */
    public MemoryObjectStore(LockPolicy lockPolicy, Clock clock) {
        this(true, lockPolicy, clock);
    }

    private MemoryObjectStore(boolean locking, LockPolicy lockPolicy, Clock clock) {
        this.locking = locking;
        this.lockPolicy = lockPolicy;
        this.clock = clock;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, true, true, locking);
    }

    @Override
    public ObjectWriter create(String key) {
        return new MemoryWriter(ObjectKey.require(key));
    }

    @Override
    public byte[] get(String key) {
        return content(key).clone();
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        byte[] content = content(key);
        if (offset < 0 || length < 0 || offset + length > content.length) {
            throw ObjectStoreException.invalid(
                    "Bytes " + offset + " to " + (offset + length) + " of " + key, "it has " + content.length);
        }
        return Arrays.copyOfRange(content, (int) offset, (int) offset + length);
    }

    @Override
    public OptionalLong size(String key) {
        byte[] content = objects.get(ObjectKey.require(key));
        return content == null ? OptionalLong.empty() : OptionalLong.of(content.length);
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        List<ObjectSummary> found = new ArrayList<>();
        boolean afterPrefix = startAfter.compareTo(prefix) >= 0;
        for (Map.Entry<String, byte[]> entry :
                objects.tailMap(afterPrefix ? startAfter : prefix, !afterPrefix).entrySet()) {
            if (found.size() >= limit || !entry.getKey().startsWith(prefix)) {
                break;
            }
            found.add(new ObjectSummary(entry.getKey(), entry.getValue().length));
        }
        return found;
    }

    @Override
    public void delete(String key) {
        requireUnlocked(ObjectKey.require(key));
        objects.remove(key);
    }

    @Override
    public void replace(String key, byte[] content) {
        requireUnlocked(ObjectKey.require(key));
        objects.put(key, content.clone());
    }

    private void requireUnlocked(String key) {
        Instant until = locks.get(key);
        if (until != null && objects.containsKey(key) && until.isAfter(clock.instant())) {
            throw ObjectStoreException.locked(key, until);
        }
    }

    @Override
    public Optional<Instant> lockedUntil(String key) {
        if (!locking) {
            throw ObjectStoreException.unsupported("A lock on " + key, "this store locks nothing");
        }
        content(key);
        return Optional.ofNullable(locks.get(key)).filter(until -> until.isAfter(clock.instant()));
    }

    /** There is nothing that outlives its writer. */
    @Override
    public long removeUnfinished(Instant begunBefore) {
        return 0;
    }

    @Override
    public void close() {
        // nothing is held
    }

    private byte[] content(String key) {
        byte[] content = objects.get(ObjectKey.require(key));
        if (content == null) {
            throw ObjectStoreException.absent(key);
        }
        return content;
    }

    private final class MemoryWriter implements ObjectWriter {
        private final String key;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean closed;

        private MemoryWriter(String key) {
            this.key = key;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            requireOpen();
            content.write(bytes, offset, length);
        }

        @Override
        public long sizeBytes() {
            return content.size();
        }

        @Override
        public void publish() {
            requireOpen();
            closed = true;
            if (objects.putIfAbsent(key, content.toByteArray()) != null) {
                throw ObjectStoreException.exists(key);
            }
            lockPolicy
                    .lockFor(key)
                    .ifPresent(time -> locks.put(key, clock.instant().plus(time)));
        }

        @Override
        public void close() {
            closed = true;
        }

        private void requireOpen() {
            if (closed) {
                throw ObjectStoreException.invalid("Writing " + key, "it is published or abandoned");
            }
        }
    }
}
