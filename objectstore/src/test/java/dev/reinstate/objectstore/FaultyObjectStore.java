package dev.reinstate.objectstore;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Fails the n-th call that reaches the store, and, if told so, every later one, as if the process had been killed. Every
 * call of {@link ObjectStore} and of an {@link ObjectWriter} counts, but for {@code close} and {@code capabilities}.
 */
public class FaultyObjectStore implements ObjectStore {
    /** How a call fails. */
    public enum Fault {
        /** Nothing was done. */
        BEFORE,
        /** It was done, but the caller hears that it failed. */
        AFTER
    }

    private final ObjectStore inner;
    private final AtomicLong calls = new AtomicLong();
    private volatile long failAt = Long.MAX_VALUE;
    private volatile boolean failOn;
    private volatile Fault fault = Fault.BEFORE;

    public FaultyObjectStore(ObjectStore inner) {
        this.inner = inner;
    }

    /** Fails the n-th call from now, counted from 1. */
    public void failCall(long n, Fault how, boolean andAllAfter) {
        calls.set(0);
        fault = how;
        failOn = andAllAfter;
        failAt = n;
    }

    public void heal() {
        failAt = Long.MAX_VALUE;
    }

    /** Calls since the last {@link #failCall}. */
    public long calls() {
        return calls.get();
    }

    private <T> T call(String what, Supplier<T> action) {
        long number = calls.incrementAndGet();
        if (number != failAt && !(failOn && number > failAt)) {
            return action.get();
        }
        if (fault == Fault.AFTER && number == failAt) {
            Objects.requireNonNull(action.get(), "a result that nobody hears of");
        }
        throw new ObjectStoreException(
                ObjectStoreException.Kind.UNAVAILABLE, what, "made to fail at call " + number, "try again", null);
    }

    private void run(String what, Runnable action) {
        call(what, () -> {
            action.run();
            return true;
        });
    }

    @Override
    public Capabilities capabilities() {
        return inner.capabilities();
    }

    @Override
    public ObjectWriter create(String key) {
        return call("Beginning " + key, () -> new FaultyWriter(key, inner.create(key)));
    }

    @Override
    public byte[] get(String key) {
        return call("Reading " + key, () -> inner.get(key));
    }

    @Override
    public byte[] getRange(String key, long offset, int length) {
        return call("Reading " + key, () -> inner.getRange(key, offset, length));
    }

    @Override
    public OptionalLong size(String key) {
        return call("Looking at " + key, () -> inner.size(key));
    }

    @Override
    public List<ObjectSummary> list(String prefix, String startAfter, int limit) {
        return call("Listing " + prefix, () -> inner.list(prefix, startAfter, limit));
    }

    @Override
    public void delete(String key) {
        run("Deleting " + key, () -> inner.delete(key));
    }

    @Override
    public void replace(String key, byte[] content) {
        run("Replacing " + key, () -> inner.replace(key, content));
    }

    @Override
    public Optional<Instant> lockedUntil(String key) {
        return call("Looking at the lock of " + key, () -> inner.lockedUntil(key));
    }

    @Override
    public long removeUnfinished(Instant begunBefore) {
        return call("Removing what is unfinished", () -> inner.removeUnfinished(begunBefore));
    }

    @Override
    public void close() {
        inner.close();
    }

    private final class FaultyWriter implements ObjectWriter {
        private final String key;
        private final ObjectWriter writer;

        private FaultyWriter(String key, ObjectWriter writer) {
            this.key = key;
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            run("Writing " + key, () -> writer.write(bytes, offset, length));
        }

        @Override
        public long sizeBytes() {
            return writer.sizeBytes();
        }

        @Override
        public void publish() {
            run("Publishing " + key, writer::publish);
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
