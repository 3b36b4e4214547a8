package dev.reinstate.demo.saas;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Where writers can be made to wait. While it is held no transaction of a writer is open and none begins, so that what
 * is read is what will be there until the holder changes it.
 */
public final class Gate {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    /** For writers: waits while the gate is held; the transaction runs until the pass is closed by the same thread. */
    public Pass pass() throws InterruptedException {
        lock.readLock().lockInterruptibly();
        return lock.readLock()::unlock;
    }

    /** Waits for open transactions to end; none begins until the pass is closed by the same thread. */
    public Pass hold() throws InterruptedException {
        lock.writeLock().lockInterruptibly();
        return lock.writeLock()::unlock;
    }

    /** Given back by closing it. */
    public interface Pass extends AutoCloseable {
        @Override
        void close();
    }
}
