package dev.reinstate.capture.attribution;

import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.transaction.Transaction;
import dev.reinstate.model.ReinstateException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Steps of a transaction too large for memory: only the owners are kept, in a file; the rest is read again. */
final class SpilledStepLog implements StepLog {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int TOUCHED = 1;
    private static final int UNCHANGED = 2;

    private final Transaction transaction;
    private final Ownership ownership;
    private final Path path;
    private final DataOutputStream output;
    private boolean written;

    SpilledStepLog(Transaction transaction, Ownership ownership, Path directory) {
        this.transaction = transaction;
        this.ownership = ownership;
        try {
            path = Files.createTempFile(directory, "owners", ".transaction");
            output = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path), BUFFER_BYTES));
        } catch (IOException e) {
            throw failed(directory, e);
        }
    }

    @Override
    public void add(Step step) {
        try {
            Step.Owners owners = step.owners();
            OwnerRecord after = owners.after();
            boolean unchanged = after != null && after.equals(owners.before());
            output.writeByte((owners.touched() ? TOUCHED : 0) | (unchanged ? UNCHANGED : 0));
            write(owners.before());
            if (!unchanged) {
                write(after);
            }
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private void write(@Nullable OwnerRecord record) throws IOException {
        if (record == null) {
            output.writeInt(-1);
        } else {
            output.writeInt(record.bytes().length);
            output.write(record.bytes());
        }
    }

    @Override
    public void forEach(Consumer<Step> consumer) {
        try {
            if (!written) {
                output.close();
                written = true;
            }
            try (DataInputStream input =
                    new DataInputStream(new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES))) {
                transaction.forEach((event, ordinal) -> {
                    Step step = Step.read(
                            event,
                            ordinal,
                            ownership.of(event.table()),
                            transaction.commit().commitLsn());
                    consumer.accept(step.withOwners(readOwners(input)));
                });
            }
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private Step.Owners readOwners(DataInputStream input) {
        try {
            int flags = input.readByte();
            OwnerRecord before = read(input);
            OwnerRecord after = (flags & UNCHANGED) != 0 ? before : read(input);
            return new Step.Owners(before, after, (flags & TOUCHED) != 0);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    private static @Nullable OwnerRecord read(DataInputStream input) throws IOException {
        int length = input.readInt();
        return length < 0 ? null : OwnerRecord.ofBytes(input.readNBytes(length));
    }

    private static ReinstateException failed(Path path, IOException cause) {
        return ReinstateException.unavailable(
                "A large transaction cannot be kept in " + path,
                String.valueOf(cause.getMessage()),
                "make room on that disk, or give capture another directory; it goes on where it was",
                cause);
    }

    @Override
    public void close() {
        try {
            output.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failed(path, e);
        }
    }
}
