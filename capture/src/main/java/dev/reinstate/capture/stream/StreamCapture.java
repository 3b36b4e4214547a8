package dev.reinstate.capture.stream;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveWriter;
import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.CaptureSettings;
import dev.reinstate.capture.attribution.Attribution;
import dev.reinstate.capture.owner.OwnerChanges;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.OwnerLayer;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.owner.PendingOwners;
import dev.reinstate.capture.owner.SpilledLayer;
import dev.reinstate.capture.source.StreamShapes;
import dev.reinstate.capture.transaction.Transaction;
import dev.reinstate.capture.transaction.TransactionBuffer;
import dev.reinstate.model.Commit;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.postgres.pgoutput.PgOutputDecoder;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import dev.reinstate.postgres.replication.ReplicationStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows the stream of one store, from the archive's last durable position until asked to stop. */
public final class StreamCapture implements AutoCloseable {
    private static final Duration LONGEST_READ = Duration.ofMillis(50);
    private static final Duration LONGEST_IDLE_INTERVAL = Duration.ofSeconds(10);
    private static final int IDLE_INTERVALS = 5;
    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(5);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private final Parts parts;
    private final CaptureSettings settings;
    private final CaptureListener listener;
    private final Lsn from;
    private final PendingOwners owners;
    private final Attribution attribution;
    private final TransactionBuffer buffer;
    private final MessageReader messages;
    private final Publisher publisher;
    private final Map<TableName, Long> reportedUnattributed = new HashMap<>();
    private volatile Lsn durable;
    private long lastPositionNanos = System.nanoTime();
    private @Nullable Segment segment;

    /**
     * What it works with; the caller closes them.
     *
     * @param durable hears up to where the archive has everything
     * @param clock the source's
     * @param fingerprint of the owner index
     */
    public record Parts(
            ReplicationStream stream,
            ArchiveWriter writer,
            ArchiveReader reader,
            OwnerIndex index,
            Ownership ownership,
            StreamShapes shapes,
            Interlude interlude,
            Consumer<Lsn> durable,
            InstantSource clock,
            String fingerprint) {}

    public StreamCapture(Parts parts, CaptureSettings settings, CaptureListener listener) {
        this.parts = parts;
        this.settings = settings;
        this.listener = listener;
        this.from = parts.writer().state().durableTo();
        this.durable = from;
        this.owners = new PendingOwners(parts.index(), parts.ownership()::isParent);
        this.buffer = new TransactionBuffer(
                settings.spillDirectory(),
                settings.limits().transactionBytes(),
                settings.limits().rowBytes());
        this.attribution = new Attribution(
                parts.ownership(),
                parts.index(),
                new ArchivedRows(
                        parts.reader(),
                        this::makePendingDurable,
                        parts.ownership(),
                        parts.interlude()::unread,
                        listener),
                settings.spillDirectory());
        this.messages = new MessageReader(
                parts.shapes(),
                parts.ownership(),
                buffer,
                this::committed,
                this::announced,
                parts.interlude(),
                listener);
        this.publisher = new Publisher(parts.writer(), owners, parts.fingerprint(), this::confirm, listener);
    }

    private void confirm(Lsn to) {
        durable = to;
        parts.durable().accept(to);
        parts.stream().confirm(to);
    }

    /**
     * Runs until {@code stop}, then makes durable what was committed and read. A failure leaves the archive valid and the
     * slot where it was confirmed.
     *
     * @param check called often; may throw to end the capture
     */
    public void run(BooleanSupplier stop, Runnable check) {
        listener.streaming(from);
        while (!stop.getAsBoolean()) {
            Optional<ByteBuffer> message = parts.stream().read(LONGEST_READ);
            if (message.isPresent()) {
                PgOutputMessage decoded = PgOutputDecoder.decode(message.get());
                if (decoded instanceof PgOutputMessage.Begin begin) {
                    pauseIfDue(begin.commitLsn(), check);
                }
                messages.accept(decoded);
            } else {
                check.run();
                if (messages.isBetweenTransactions()) {
                    pauseIfDue(Lsn.max(parts.stream().serverEndLsn(), durable), check);
                }
                publishIdlePosition();
                publishIfDue(check);
            }
            if (messages.isBetweenTransactions()) {
                publishIfDue(check);
            }
        }
        drain(check);
    }

    /** @param reached all commits before it have been attributed, none at or after it */
    private void pauseIfDue(Lsn reached, Runnable check) {
        Optional<Lsn> due = parts.interlude().due();
        if (due.isEmpty() || due.get().isAfter(reached)) {
            return;
        }
        makePendingDurable();
        if (due.get().isAfter(durable)) {
            publisher.publishPosition(due.get(), parts.clock().instant());
            awaitPublisher(check);
        }
        long[] lastStatus = {System.nanoTime()};
        parts.interlude().run(() -> {
            if (System.nanoTime() - lastStatus[0] > STATUS_INTERVAL.toNanos()) {
                parts.stream().sendStatus();
                lastStatus[0] = System.nanoTime();
            }
            check.run();
        });
        owners.forget();
        parts.shapes().review();
        parts.reader().refresh();
    }

    /** The archive hears of a table before it has rows of it: whatever becomes of it meanwhile, they are accounted for. */
    private void announced(TableSchema shape) {
        if (parts.interlude().isUnheardOf(shape.oid())) {
            awaitPublisher(() -> {});
            parts.interlude().announced(shape);
        }
    }

    private void committed(Commit commit) {
        try (Transaction transaction = buffer.complete(commit)) {
            if (commit.commitLsn().isBefore(from) || transaction.size() == 0) {
                return;
            }
            if (segment == null) {
                segment = Segment.open(parts.writer(), owners);
            }
            if (transaction.isSpilled()) {
                SpilledLayer layer = parts.index().spilledLayer(owners);
                attribute(transaction, layer).spilled(layer);
                makePendingDurable();
                owners.dropped(layer);
            } else {
                OwnerLayer layer = new OwnerLayer(owners);
                Segment filled = attribute(transaction, layer);
                layer.copyTo(filled.owners());
            }
        }
    }

    /** The segment the transaction went into: not always the one that was open before. */
    private Segment attribute(Transaction transaction, OwnerChanges layer) {
        attribution.attribute(
                transaction, owners, layer, change -> current().writer().add(change));
        Segment filled = current();
        filled.add(transaction.commit());
        return filled;
    }

    private Segment current() {
        Segment open = segment;
        if (open == null) {
            open = Segment.open(parts.writer(), owners);
            segment = open;
        }
        return open;
    }

    private void publishIfDue(Runnable check) {
        Segment open = segment;
        if (open == null || open.isEmpty()) {
            return;
        }
        boolean full = open.sizeBytes() >= settings.limits().segmentBytes();
        if (!full && open.ageNanos() < settings.segmentInterval().toNanos()) {
            return;
        }
        check.run();
        if (full) {
            awaitPublisher(check);
        }
        if (publisher.isIdle()) {
            handOver(open);
        }
    }

    private void handOver(Segment filled) {
        segment = null;
        attribution.unattributed().forEach((table, count) -> {
            if (!count.equals(reportedUnattributed.put(table, count))) {
                listener.unattributed(table, count);
            }
        });
        publisher.publish(filled);
    }

    /** Blocks until everything attributed so far is durable. */
    private void makePendingDurable() {
        awaitPublisher(() -> {});
        Segment open = segment;
        if (open != null && !open.isEmpty()) {
            handOver(open);
            awaitPublisher(() -> {});
        }
    }

    /** Waits for the publisher; meanwhile the server keeps hearing from us. */
    private void awaitPublisher(Runnable check) {
        long lastStatus = System.nanoTime();
        while (!publisher.isIdle()) {
            LockSupport.parkNanos(200_000);
            if (System.nanoTime() - lastStatus > STATUS_INTERVAL.toNanos()) {
                parts.stream().sendStatus();
                check.run();
                lastStatus = System.nanoTime();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while a segment was made durable");
            }
        }
    }

    private void publishIdlePosition() {
        boolean nothingPending = messages.isBetweenTransactions() && segment == null && publisher.isIdle();
        Lsn reached = parts.stream().serverEndLsn();
        if (nothingPending
                && reached.isAfter(durable)
                && System.nanoTime() - lastPositionNanos > idleInterval().toNanos()) {
            lastPositionNanos = System.nanoTime();
            publisher.publishPosition(reached, parts.clock().instant());
        }
    }

    /** How often an idle source's position is made durable: seldom, since each time takes a manifest of its own. */
    private Duration idleInterval() {
        Duration interval = settings.segmentInterval();
        Duration seldom = interval.multipliedBy(IDLE_INTERVALS);
        if (seldom.compareTo(LONGEST_IDLE_INTERVAL) < 0) {
            return seldom;
        }
        return interval.compareTo(LONGEST_IDLE_INTERVAL) > 0 ? interval : LONGEST_IDLE_INTERVAL;
    }

    private void drain(Runnable check) {
        long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
        Runnable checkTime = () -> {
            check.run();
            if (System.nanoTime() > deadline) {
                throw ReinstateException.unavailable(
                        "The last changes could not be made durable before stopping",
                        "the archive does not answer",
                        "start capture again when it does; nothing is lost, the source keeps them",
                        null);
            }
        };
        awaitPublisher(checkTime);
        Segment open = segment;
        if (open != null && !open.isEmpty()) {
            handOver(open);
            awaitPublisher(checkTime);
        }
        parts.stream().sendStatus();
    }

    /** Gives up what is not durable. */
    @Override
    public void close() {
        try (buffer;
                Segment unfinished = segment) {
            publisher.close();
        }
    }
}
