package dev.reinstate.objectstore;

import java.time.Clock;

final class MemoryLockingTest extends LockingContract {
    @Override
    protected ObjectStore open(LockPolicy policy, Clock clock) {
        return new MemoryObjectStore(policy, clock);
    }
}
