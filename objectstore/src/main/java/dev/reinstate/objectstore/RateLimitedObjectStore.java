package dev.reinstate.objectstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Another store, used no faster than at a number of requests and of bytes a second. A call is one request; writing is
 * one for beginning and one for publishing an object, whatever the other store makes of them. Bytes count when they are
 * written or read: a read of an object whose size is not known is paid for afterwards.
 */
public final class RateLimitedObjectStore implements ObjectStore {
    private final ObjectStore inner;
    private final RateLimit requests;
    private final RateLimit bytes;

    /** The other store is closed with this one. */
    public RateLimitedObjectStore(ObjectStore inner, RateLimit requests, RateLimit bytes) {
        this.inner = inner;
        this.requests = requests;
        this.bytes = bytes;
    }

    @Override
    public Capabilities capabilities() {
        return inner.capabilities();
    }

    @Override
    public int readAhead() {
        return inner.readAhead();
    }

    @Override
    public ObjectWriter create(String key) {
        requests.take(1);
        return new LimitedWriter(inner.create(key));
    }

    @Override
    public byte[] get(String key) {
        requests.take(1);
        byte[] content = inner.get(key);
        bytes.take(content.length);
        return content;
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        requests.take(1);
        bytes.take(Math.max(0, length));
        return inner.getRange(key, offset, length);
    }

    @Override
    public OptionalLong size(String key) {
        requests.take(1);
        return inner.size(key);
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        requests.take(1);
        return inner.list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
        requests.take(1);
        inner.delete(key);
    }

    @Override
    public void replace(String key, byte[] content) {
        requests.take(1);
        bytes.take(content.length);
        inner.replace(key, content);
    }

    @Override
    public Optional<Instant> lockedUntil(String key) {
        requests.take(1);
        return inner.lockedUntil(key);
    }

    @Override
    public long removeUnfinished(Instant begunBefore) {
        requests.take(1);
        return inner.removeUnfinished(begunBefore);
    }

    @Override
    public void close() {
        inner.close();
    }

    @Override
    public String toString() {
        return inner.toString();
    }

    private final class LimitedWriter implements ObjectWriter {
        private final ObjectWriter writer;

        private LimitedWriter(ObjectWriter writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] content, int offset, int length) {
            bytes.take(length);
            writer.write(content, offset, length);
        }

        @Override
        public long sizeBytes() {
            return writer.sizeBytes();
        }

        @Override
        public void publish() {
            requests.take(1);
            writer.publish();
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
