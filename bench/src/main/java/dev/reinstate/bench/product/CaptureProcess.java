package dev.reinstate.bench.product;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.bench.peer.ChildProcess;
import dev.reinstate.bench.peer.Drained;
import dev.reinstate.model.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A running {@code reinstate protect}. */
public final class CaptureProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final long LOOK_EVERY_MILLIS = 10;

    private final Installation installation;
    private final ChildProcess process;

    CaptureProcess(Installation installation, ChildProcess process) {
        this.installation = installation;
        this.process = process;
    }

    /** Waits until everything committed so far is durable, the first image included. */
    public void awaitCaughtUp() throws IOException, SQLException, InterruptedException {
        awaitDurable(Lsn.parse(installation.database().text("SELECT pg_current_wal_insert_lsn()")));
    }

    /** Waits until the archive's newest manifest says that history is durable up to there. */
    public void awaitDurable(Lsn position) throws IOException, InterruptedException {
        durableTo(position);
    }

    /** Waits until history is durable up to there; returns up to where it is then. */
    private Lsn durableTo(Lsn position) throws IOException, InterruptedException {
        await("an archive", installation::hasArchive);
        ArchiveReader reader = installation.reader();
        await("everything up to " + position + " being durable", () -> {
            reader.refresh();
            return !reader.state().durableTo().isBefore(position);
        });
        return reader.state().durableTo();
    }

    /**
     * Waits until the backlog up to there is durable; counts from the moment that the slot was taken, as with the
     * peers.
     */
    public Drained drain(Lsn end) throws IOException, SQLException, InterruptedException {
        awaitSlot("the slot being taken", "active");
        return measure(end).drained();
    }

    /**
     * Waits until the backlog is durable up to {@code end}; counts from the moment that it was up to {@code start}. What
     * becomes durable are whole segments, so both moments are a little later.
     */
    public Stretch drain(Lsn start, Lsn end) throws IOException, InterruptedException {
        Lsn from = durableTo(start);
        Stretch stretch = measure(end);
        long asked = end.value() - start.value();
        return new Stretch((double) (stretch.to().value() - from.value()) / asked, stretch.to(), stretch.drained());
    }

    /**
     * A part of a backlog, drained.
     *
     * @param share how much it is of what was asked for, by the length of the source's log, about 1
     * @param to where it ends
     */
    public record Stretch(double share, Lsn to, Drained drained) {}

    private Stretch measure(Lsn end) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long startCpu = process.cpuMillis();
        Lsn to = durableTo(end);
        Drained drained = new Drained(
                Duration.ofNanos(System.nanoTime() - start),
                Duration.ofMillis(process.cpuMillis() - startCpu),
                process.peakResidentBytes());
        return new Stretch(1, to, drained);
    }

    /** Waits until the first image is durable; counts from the moment that there is a slot: what comes before is a start. */
    public Drained image() throws IOException, SQLException, InterruptedException {
        awaitSlot("the slot being made", "true");
        long start = System.nanoTime();
        long startCpu = process.cpuMillis();
        await("an archive", installation::hasArchive);
        ArchiveReader reader = installation.reader();
        await("the first image", () -> {
            reader.refresh();
            return !reader.state().images().isEmpty();
        });
        return new Drained(
                Duration.ofNanos(System.nanoTime() - start),
                Duration.ofMillis(process.cpuMillis() - startCpu),
                process.peakResidentBytes());
    }

    private void awaitSlot(String what, String condition) throws SQLException, InterruptedException {
        try (Connection connection = installation.database().connect();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT " + condition + " FROM pg_replication_slots WHERE slot_name = ?")) {
            query.setString(1, installation.slot());
            await(what, () -> isTrue(query));
        }
    }

    private static boolean isTrue(PreparedStatement query) {
        try (ResultSet result = query.executeQuery()) {
            return result.next() && result.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot ask for the slot", e);
        }
    }

    private void await(String what, BooleanSupplier reached) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!reached.getAsBoolean()) {
            if (!process.isAlive()) {
                throw new IllegalStateException("protect ended before " + what + ":\n" + process.printed());
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("gave up waiting for " + what + ":\n" + process.printed());
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        }
    }

    public long peakResidentBytes() {
        return process.peakResidentBytes();
    }

    public long peakHeapBytes() throws IOException {
        return installation.peakHeapBytes("protect");
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
