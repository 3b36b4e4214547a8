package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.LockPolicy;
import dev.reinstate.objectstore.LockingContract;
import dev.reinstate.objectstore.ObjectStore;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;

/** Locks, by the fake server's rules. */
final class S3LockingTest extends LockingContract {
    private final FakeS3Server server = FakeS3Server.start();

    @Override
    protected ObjectStore open(LockPolicy policy, Clock clock) {
        ObjectLock lock = new ObjectLock(ObjectLock.Mode.COMPLIANCE, policy);
        return S3ObjectStore.open(
                server.lockingBucket("bucket", clock),
                S3Fixture.settings().withLock(lock).withClock(clock));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }
}
