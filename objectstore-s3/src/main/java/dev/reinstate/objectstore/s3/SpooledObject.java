package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectStoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * A large object on its way to a server that must get it in one request: collected in a temporary file. Not thread-safe.
 */
final class SpooledObject implements AutoCloseable {
    /** What S3 takes in one request. */
    private static final long MOST_BYTES = 5L << 30;

    private final String key;
    private final Path file;
    private final OutputStream out;
    private final MessageDigest md5 = Bodies.newMd5();
    private long size;

    private SpooledObject(String key, Path file, OutputStream out) {
        this.key = key;
        this.file = file;
        this.out = out;
    }

    static SpooledObject begin(String key) {
        try {
            Path file = Files.createTempFile("reinstate-", ".spool");
            return new SpooledObject(key, file, Files.newOutputStream(file));
        } catch (IOException e) {
            throw failure(key, e);
        }
    }

    void append(byte[] bytes, int length) {
        size += length;
        if (size > MOST_BYTES) {
            throw ObjectStoreException.invalid("Writing " + key, "this server takes no object of more than 5 GB");
        }
        md5.update(bytes, 0, length);
        try {
            out.write(bytes, 0, length);
        } catch (IOException e) {
            throw failure(key, e);
        }
    }

    /** The MD5 of everything; nothing is appended any more. */
    String md5() {
        return Base64.getEncoder().encodeToString(md5.digest());
    }

    RequestBody body() {
        return RequestBody.fromFile(file);
    }

    private static ObjectStoreException failure(String key, IOException e) {
        return new ObjectStoreException(
                ObjectStoreException.Kind.UNAVAILABLE,
                "Writing " + key,
                "a temporary file could not be written (" + e.getClass().getSimpleName() + ")",
                "make room in the folder for temporary files, or name another with -Djava.io.tmpdir",
                e);
    }

    @Override
    public void close() {
        try (out) {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The object's fate is decided already; it is a temporary file.
        }
    }
}
