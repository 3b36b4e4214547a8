package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectStore;
import dev.reinstate.objectstore.ObjectStoreContract;
import org.junit.jupiter.api.AfterEach;

/** What every store promises, by this one in a bucket of the fake server. */
final class S3ObjectStoreTest extends ObjectStoreContract {
    private final FakeS3Server server = FakeS3Server.start();

    @Override
    protected ObjectStore open() {
        return S3ObjectStore.open(server.bucket("bucket"), S3Fixture.settings());
    }

    @AfterEach
    void stopServer() {
        server.close();
    }
}
