package dev.reinstate.capture.protection;

import dev.reinstate.capture.source.KnownTables;
import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.capture.source.TableChange;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableVersion;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.ddl.DdlMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * What the event triggers say of tables, and what of it the archive does not have yet. What needs no look at rows is
 * written down at the commit that did it; of the rest it is known since when rows may be wrong.
 */
final class ToldTables {
    private final KnownTables known;
    private final SourceTables tables;
    private final Set<Integer> captured;
    private final BooleanSupplier complete;
    private final List<Told> heard = new ArrayList<>();
    private final Map<Integer, Lsn> since = new HashMap<>();
    private final Map<Integer, TableVersion> waiting = new HashMap<>();
    private final Set<Integer> rewritten = new HashSet<>();

    private record Told(DdlMessage message, Lsn commit, Instant time) {}

    /** @param complete whether the triggers were there all the time, so that what was not told did not happen */
    ToldTables(KnownTables known, SourceTables tables, BooleanSupplier complete) {
        this.known = known;
        this.tables = tables;
        this.captured = tables.captured().stream().map(Table::oid).collect(Collectors.toSet());
        this.complete = complete;
    }

    void hear(DdlMessage message, Lsn commit, Instant time) {
        if (captured.contains(message.oid())) {
            heard.add(new Told(message, commit, time));
        }
    }

    /** The newest commit of which something is to be done. */
    Optional<Lsn> newest() {
        return heard.isEmpty() ? Optional.empty() : Optional.of(heard.getLast().commit());
    }

    /** The versions to be written down now; what needs a look at rows or at the catalogue is kept in mind. */
    List<TableVersion> takeVersions() {
        List<TableVersion> versions = new ArrayList<>();
        Map<Integer, TableVersion> newest = new HashMap<>();
        for (Told told : heard) {
            int oid = told.message().oid();
            TableVersion before = newest.getOrDefault(oid, known.newest(oid).orElse(null));
            if (before != null && !before.position().isBefore(told.commit()) && !versions.contains(before)) {
                continue; // sent again after a restart
            }
            if (told.message() instanceof DdlMessage.Defined defined) {
                TableVersion version = version(defined, told);
                if (needsNothing(defined.table(), oid)) {
                    versions.add(version);
                    newest.put(oid, version);
                } else {
                    since.putIfAbsent(oid, told.commit());
                    waiting.put(oid, version);
                }
            } else {
                since.putIfAbsent(oid, told.commit());
                rewritten.add(oid);
            }
        }
        heard.clear();
        return versions;
    }

    private boolean needsNothing(Table table, int oid) {
        if (since.containsKey(oid)) {
            return false;
        }
        Optional<TableChange> change = known.change(tables, table);
        return change.isEmpty()
                || change.get().effect() == TableChange.Effect.NONE
                || change.get().effect() == TableChange.Effect.UNSEEN;
    }

    private static TableVersion version(DdlMessage.Defined defined, Told told) {
        return new TableVersion(
                told.commit(),
                told.time(),
                defined.oid(),
                defined.name(),
                Optional.of(defined.table().toSchema()),
                defined.table().storage().text(),
                defined.command(),
                true);
    }

    /** Whether something waits that was told: it is worth a look at once. */
    boolean isWaiting() {
        return !since.isEmpty();
    }

    /** The last position at which the table was right, given what the catalogue tells about it. */
    Lsn rightUntil(int oid, Lsn noticed) {
        Lsn told = complete.getAsBoolean() ? since.getOrDefault(oid, Lsn.ZERO) : Lsn.ZERO;
        return Lsn.max(told, noticed);
    }

    /** Whether the table's rows were written anew; or empty when that would not have been told. */
    Optional<Boolean> isRewritten(int oid) {
        return rewritten.contains(oid)
                ? Optional.of(true)
                : complete.getAsBoolean() ? Optional.of(false) : Optional.empty();
    }

    /** The version that waited for the table's rows to be read. */
    Optional<TableVersion> waiting(int oid) {
        return Optional.ofNullable(waiting.get(oid));
    }

    /** The archive has the table as it is. */
    void settled(int oid) {
        since.remove(oid);
        waiting.remove(oid);
        rewritten.remove(oid);
    }
}
