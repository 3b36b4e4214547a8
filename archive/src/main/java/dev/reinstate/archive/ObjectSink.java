package dev.reinstate.archive;

import dev.reinstate.archive.format.ByteOutput;
import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.DataObjectWriter;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.objectstore.ObjectWriter;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Takes a data object's bytes to the object store and digests them on the way. Not thread-safe. */
final class ObjectSink implements ByteOutput, AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10;

    private final ArchiveObjects objects;
    private final String key;
    private final ObjectWriter writer;
    private final MessageDigest digest = Checksum.newSha256();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int buffered;

    ObjectSink(ArchiveObjects objects, String key) {
        this.objects = objects;
        this.key = key;
        this.writer = objects.create(key);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (length > BUFFER_BYTES - buffered) {
            flush();
        }
        if (length >= BUFFER_BYTES) {
            send(bytes, offset, length);
        } else {
            System.arraycopy(bytes, offset, buffer, buffered, length);
            buffered += length;
        }
    }

    private void flush() {
        send(buffer, 0, buffered);
        buffered = 0;
    }

    private void send(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        objects.run(() -> writer.write(bytes, offset, length));
    }

    /** Makes the object durable. */
    StoredObject publish(DataObjectWriter.Summary summary) {
        flush();
        objects.run(writer::publish);
        return new StoredObject(
                key,
                summary.id(),
                summary.sizeBytes(),
                HexFormat.of().formatHex(digest.digest()),
                summary.tailOffset(),
                summary.blocks());
    }

    @Override
    public void close() {
        objects.run(writer::close);
    }
}
