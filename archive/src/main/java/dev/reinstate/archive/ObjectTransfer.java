package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.NamedObject;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectWriter;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/** Takes single objects from one store to another, and publishes there only what is what its manifest says. */
final class ObjectTransfer {
    private static final int CHUNK_BYTES = 1 << 20;

    private final ArchiveObjects source;
    private final ArchiveObjects target;
    private final LongConsumer copiedBytes;

    /** @param copiedBytes hears of bytes as they come; maybe from several threads */
    ObjectTransfer(ArchiveObjects source, ArchiveObjects target, LongConsumer copiedBytes) {
        this.source = source;
        this.target = target;
        this.copiedBytes = copiedBytes;
    }

    /** What became of an object. */
    enum Outcome {
        COPIED,
        THERE,
        /** The source does not have it. */
        ABSENT
    }

    /** {@code DAMAGED} if its bytes are others than its manifest says; then the target has none of them. */
    Outcome copy(NamedObject object) {
        OptionalLong there = target.size(object.key());
        if (there.isPresent()) {
            requireSize("The copy's object ", object, there.getAsLong());
            return Outcome.THERE;
        }
        OptionalLong size = source.size(object.key());
        if (size.isEmpty()) {
            return Outcome.ABSENT;
        }
        requireSize("Object ", object, size.getAsLong());
        try {
            return copyBytes(object);
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.DAMAGED && source.size(object.key()).isEmpty()) {
                return Outcome.ABSENT; // removed meanwhile
            }
            throw e;
        }
    }

    private Outcome copyBytes(NamedObject object) {
        MessageDigest digest = Checksum.newSha256();
        try (ObjectWriter writer = target.create(object.key())) {
            for (long at = 0; at < object.sizeBytes(); at += CHUNK_BYTES) {
                byte[] chunk = source.getRange(object.key(), at, Math.min(CHUNK_BYTES, object.sizeBytes() - at));
                digest.update(chunk);
                target.run(() -> writer.write(chunk, 0, chunk.length));
                copiedBytes.accept(chunk.length);
            }
            if (!HexFormat.of().formatHex(digest.digest()).equals(object.sha256())) {
                throw Damage.of("INV-3", "Object " + object.key(), "its SHA-256 is not the one its manifest says");
            }
            return publish(writer, object);
        }
    }

    /** Another copy may have been quicker. */
    private Outcome publish(ObjectWriter writer, NamedObject object) {
        try {
            target.run(writer::publish);
            return Outcome.COPIED;
        } catch (ReinstateException e) {
            OptionalLong there = e.kind() == FailureKind.CONFLICT ? target.size(object.key()) : OptionalLong.empty();
            requireSize("The copy's object ", object, there.orElseThrow(() -> e));
            return Outcome.THERE;
        }
    }

    private static void requireSize(String whose, NamedObject object, long size) {
        if (size != object.sizeBytes()) {
            throw Damage.of(
                    "INV-3",
                    whose + object.key(),
                    "it has " + size + " bytes, its manifest says " + object.sizeBytes());
        }
    }
}
