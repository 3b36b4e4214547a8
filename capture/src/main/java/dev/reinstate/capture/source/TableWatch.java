package dev.reinstate.capture.source;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tables with the archive's catalogue history, again and again, and knows up to which position each was
 * right.
 *
 * <p>Every commit before a position that is durable in the archive has ended on the server, but for a moment its effects
 * may not be visible yet. What alters a table keeps it locked until they are: so a table that was not locked after the
 * position was read, and is right in a snapshot taken after that, was right at the position.
 */
public final class TableWatch {
    private static final String FAILURE = "Cannot see whether tables are being altered";

    private final KnownTables known;
    private final Supplier<Lsn> durable;
    private final LastSeen lastSeen;
    private final Map<Integer, Lsn> rightUntil = new HashMap<>();
    private Lsn right;
    private List<TableChange> seen = List.of();
    private volatile @Nullable Noticed noticed;
    private volatile boolean foundRight;

    /**
     * What differs, once.
     *
     * @param right the last position at which every other table was as the archive has it
     * @param rightUntil the same for the tables that changed
     * @param mark a position after all that was noticed
     */
    public record Noticed(List<TableChange> changes, Lsn right, Map<Integer, Lsn> rightUntil, Lsn mark) {
        public Noticed {
            changes = List.copyOf(changes);
            rightUntil = Map.copyOf(rightUntil);
        }

        /** The last position at which the table was as the archive has it. */
        public Lsn rightUntil(TableChange change) {
            Lsn noticed = rightUntil.get(change.oid());
            return noticed == null ? lastRight(change, right) : noticed;
        }
    }

    /** @param durable up to where the archive has everything */
    public TableWatch(KnownTables known, Supplier<Lsn> durable, LastSeen lastSeen) {
        this.known = known;
        this.durable = durable;
        this.lastSeen = lastSeen;
        this.right = lastSeen.read(known.versions()).orElse(Lsn.ZERO);
    }

    /** The same object until something else is noticed; empty when the archive has everything as it is. */
    public Optional<Noticed> noticed() {
        return Optional.ofNullable(noticed);
    }

    /** Whether every table was as the archive has it since the watch began: whatever differs now happened after that. */
    public boolean foundRight() {
        return foundRight;
    }

    /**
     * What is true before a look at the catalogue.
     *
     * @param position everything before it is in the archive
     * @param settled whether nobody is altering a table
     * @param heardOf the tables of which the archive has heard
     */
    record Before(Lsn position, boolean settled, Set<Integer> heardOf) {}

    /** To be called before the catalogue is read. */
    Before before(Connection session, SourceTables tables) {
        Lsn position = durable.get();
        Long[] oids = tables.captured().stream()
                .map(table -> Integer.toUnsignedLong(table.oid()))
                .toArray(Long[]::new);
        boolean locked = Query.one(session, FAILURE, """
                SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND relation::bigint = ANY(?))
                """, row -> row.getBoolean(1), (Object) oids);
        return new Before(position, !locked, known.heardOf());
    }

    /** To be called with the tables as they are, read after {@code before}. */
    void look(Connection session, Before before, SourceTables tables) {
        if (!tables.arePublished()) {
            return;
        }
        List<TableChange> changes = known.changes(tables, before.heardOf());
        if (changes.isEmpty()) {
            seen = changes;
            noticed = null;
            rightUntil.clear();
            if (before.settled()) {
                foundRight = true;
                if (before.position().isAfter(right)) {
                    right = before.position();
                    lastSeen.write(right, known.versions());
                }
            }
            return;
        }
        if (!changes.equals(seen)) {
            changes.forEach(change -> rightUntil.putIfAbsent(change.oid(), lastRight(change, right)));
            noticed = new Noticed(changes, right, rightUntil, mark(session));
            seen = changes;
        }
    }

    private static Lsn lastRight(TableChange change, Lsn right) {
        return change.before()
                .filter(KnownTables::changesUnseen)
                .map(TableVersion::position)
                .orElse(right);
    }

    /** A position after everything this session has seen, which the stream is sure to come by. */
    private static Lsn mark(Connection session) {
        return Query.one(
                session,
                "Cannot mark a position in the log",
                "SELECT pg_logical_emit_message(false, 'reinstate', 'tables changed')::text",
                row -> Lsn.parse(row.getString(1)));
    }

    static boolean sameTables(SourceTables a, SourceTables b) {
        return a.captured().stream()
                .map(Table::oid)
                .toList()
                .equals(b.captured().stream().map(Table::oid).toList());
    }
}
