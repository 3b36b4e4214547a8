package dev.reinstate.capture.stream;

import dev.reinstate.capture.CaptureListener;
import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.capture.source.StreamShapes;
import dev.reinstate.capture.transaction.RowEvent;
import dev.reinstate.capture.transaction.TransactionBuffer;
import dev.reinstate.model.Commit;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.OldTuple;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts the stream's messages together to transactions. */
final class MessageReader {
    private final StreamShapes shapes;
    private final Ownership ownership;
    private final TransactionBuffer buffer;
    private final Consumer<Commit> committed;
    private final Consumer<TableSchema> announced;
    private final Interlude interlude;
    private final CaptureListener listener;
    private PgOutputMessage.@Nullable Begin begin;
    private String origin = "";

    MessageReader(
            StreamShapes shapes,
            Ownership ownership,
            TransactionBuffer buffer,
            Consumer<Commit> committed,
            Consumer<TableSchema> announced,
            Interlude interlude,
            CaptureListener listener) {
        this.shapes = shapes;
        this.ownership = ownership;
        this.buffer = buffer;
        this.committed = committed;
        this.announced = announced;
        this.interlude = interlude;
        this.listener = listener;
    }

    boolean isBetweenTransactions() {
        return begin == null;
    }

    void accept(PgOutputMessage message) {
        switch (message) {
            case PgOutputMessage.Insert insert ->
                add(RowEvent.insert(shapes.require(insert.oid()), shapes.kept(insert.oid(), insert.row())));
            case PgOutputMessage.Update update -> add(update(update));
            case PgOutputMessage.Delete delete ->
                add(RowEvent.delete(
                        shapes.require(delete.oid()),
                        shapes.kept(delete.oid(), delete.old().tuple()),
                        isWhole(delete.old())));
            case PgOutputMessage.Begin started -> {
                begin = started;
                origin = "";
            }
            case PgOutputMessage.Commit commit -> commit(commit);
            case PgOutputMessage.Origin from -> origin = from.name();
            case PgOutputMessage.Relation relation -> {
                TableSchema shape = shapes.announce(relation);
                ownership.see(shape, shapes.root(shape));
                announced.accept(shape);
            }
            case PgOutputMessage.Truncate truncate ->
                truncate.oids().forEach(oid -> {
                    TableSchema table = shapes.require(oid);
                    if (ownership.of(table).hasDescendants()) {
                        buffer.expectMuch(); // each of its rows gets another record
                    }
                    add(RowEvent.truncate(table));
                    interlude.truncated(oid, requireBegun().commitLsn());
                });
            case PgOutputMessage.Type type -> {
                // types are named by the catalogue
            }
            // what no event trigger wrote, a restore's marker or our own heartbeat, says nothing about rows
            case PgOutputMessage.LogicalMessage marker ->
                shapes.hear(marker)
                        .ifPresent(said -> interlude.told(
                                said, requireBegun().commitLsn(), requireBegun().commitTime()));
        }
    }

    private PgOutputMessage.Begin requireBegun() {
        PgOutputMessage.Begin started = begin;
        if (started == null) {
            throw ReinstateException.bug("A message of the change stream", "it is of a transaction that did not begin");
        }
        return started;
    }

    private RowEvent update(PgOutputMessage.Update update) {
        TableSchema table = shapes.require(update.oid());
        Optional<OldTuple> old = update.old();
        return RowEvent.update(
                table,
                old.map(row -> shapes.kept(update.oid(), row.tuple())).orElse(Tuple.EMPTY),
                old.isPresent() && isWhole(old.get()),
                shapes.kept(update.oid(), update.row()));
    }

    private static boolean isWhole(OldTuple old) {
        return old.kind() == OldTuple.Kind.FULL_ROW;
    }

    private void add(RowEvent event) {
        if (buffer.add(event)) {
            listener.oversizedRow(event.table().name());
        }
    }

    private void commit(PgOutputMessage.Commit commit) {
        PgOutputMessage.Begin started = begin;
        if (started == null || !started.commitLsn().equals(commit.commitLsn())) {
            throw ReinstateException.bug(
                    "A commit at " + commit.commitLsn(), "it ends a transaction that did not begin");
        }
        begin = null;
        committed.accept(new Commit(commit.commitLsn(), commit.endLsn(), commit.commitTime(), started.xid(), origin));
    }
}
