package dev.reinstate.objectstore.s3;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreContract;
import org.junit.jupiter.api.Tag;

/** What every store promises, on a real server that keeps the condition If-None-Match. */
@Tag("real-server")
final class RealServerContractTest extends ObjectStoreContract {
    @Override
    protected ObjectStore open() {
        ObjectStore store = S3ObjectStore.open(RealServer.newBucket(false), S3Settings.defaults());
        assumeTrue(store.capabilities().putIfAbsent(), "skipped: this server ignores If-None-Match");
        return store;
    }
}
