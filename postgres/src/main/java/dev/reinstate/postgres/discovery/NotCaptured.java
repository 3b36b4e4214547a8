package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.OtherRelation;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.Preflight.Finding;
import dev.reinstate.postgres.discovery.Preflight.Status;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a database has that is not captured, whatever the rules say. */
final class NotCaptured {
    private static final String FAILURE = "Cannot look for what is not captured";
    private static final int NAMED = 5;

    /** More large objects than these are not counted. */
    private static final long COUNTED = 10_000;

    private static final String LARGE_OBJECTS =
            "SELECT count(*) FROM (SELECT FROM pg_largeobject_metadata LIMIT " + (COUNTED + 1) + ") AS found";

    /** Types that may hold a large object's number: oid, lo, domains over them, and their arrays. */
    private static final String REFERRING_TYPES = """
            WITH RECURSIVE referring (oid) AS (
                SELECT oid FROM pg_type WHERE oid = 'pg_catalog.oid'::regtype OR typname = 'lo'
                UNION
                SELECT t.oid FROM referring r JOIN pg_type h ON h.oid = r.oid
                  JOIN pg_type t ON (t.typtype = 'd' AND t.typbasetype = h.oid) OR t.oid = h.typarray)
            SELECT oid::bigint FROM referring
            """;

    private static final String SEQUENCES = """
            SELECT n.nspname, s.relname
              FROM pg_class s
              JOIN pg_namespace n ON n.oid = s.relnamespace
             WHERE s.relkind = 'S' AND s.relpersistence <> 't'
               AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
               AND NOT EXISTS (SELECT FROM pg_depend e
                                WHERE e.classid = 'pg_class'::regclass AND e.objid = s.oid AND e.deptype = 'e')
            """;

    private final Connection connection;
    private final Catalogue catalogue;
    private final List<Table> captured;

    NotCaptured(Connection connection, Catalogue catalogue, Collection<TableName> captured) {
        this.connection = connection;
        this.catalogue = catalogue;
        this.captured = captured.stream()
                .flatMap(name -> catalogue.table(name).stream())
                .toList();
    }

    List<Finding> findings() {
        return List.of(largeObjects(), sequences(), unlogged(), others(), temporary());
    }

    private Finding largeObjects() {
        String need = "large objects";
        long count = Query.one(connection, FAILURE, LARGE_OBJECTS, row -> row.getLong(1));
        Set<String> columns = referringColumns();
        String referring = columns.isEmpty() ? "" : " in " + naming(columns);
        if (count == 0) {
            return Finding.ok(
                    need,
                    columns.isEmpty()
                            ? "there are none; they would not be captured"
                            : "there are none; of any that numbers" + referring
                                    + " referred to, only the number would be captured");
        }
        String found = (count > COUNTED ? "more than " + COUNTED : String.valueOf(count)) + " not captured: ";
        return new Finding(
                need,
                Status.DEGRADED,
                found
                        + (columns.isEmpty()
                                ? "a restore does not bring them back; no captured column seems to refer to them"
                                : "a restore brings back the number" + referring + ", and not the object"),
                List.of());
    }

    private Set<String> referringColumns() {
        Set<Long> types = Set.copyOf(Query.list(connection, FAILURE, REFERRING_TYPES, row -> row.getLong(1)));
        Set<String> columns = new TreeSet<>();
        for (Table table : captured) {
            table.columns().stream()
                    .filter(column -> types.contains(
                            Integer.toUnsignedLong(column.column().typeOid())))
                    .forEach(column -> columns.add(catalogue.root(table.name()) + "." + column.name()));
        }
        return columns;
    }

    private Finding sequences() {
        Set<String> apart = new TreeSet<>(Query.list(
                connection,
                FAILURE,
                SEQUENCES,
                row -> new TableName(row.getString("nspname"), row.getString("relname")).toString()));
        captured.stream()
                .flatMap(table -> table.columns().stream())
                .flatMap(column -> column.sequences().stream())
                .forEach(sequence -> apart.remove(sequence.toString()));
        return Finding.ok(
                "sequences",
                "their values are not captured; a restore moves those of restored columns forward, never back"
                        + (apart.isEmpty() ? "" : "; of no captured column and left alone: " + naming(apart)));
    }

    private Finding unlogged() {
        String need = "unlogged tables";
        Set<String> unlogged = new TreeSet<>();
        catalogue.tables().stream()
                .filter(table -> !table.logged())
                .forEach(table -> unlogged.add(table.name().toString()));
        if (unlogged.isEmpty()) {
            return Finding.ok(need, "there are none; they would not be captured");
        }
        return new Finding(
                need,
                captured.stream().allMatch(Table::logged) ? Status.OK : Status.DEGRADED,
                "not captured, for want of a log of their changes: " + naming(unlogged),
                List.of());
    }

    private Finding others() {
        String need = "views and foreign tables";
        List<String> parts = new ArrayList<>();
        named(OtherRelation.Kind.FOREIGN_TABLE)
                .ifPresent(names -> parts.add("foreign tables, whose rows are elsewhere: " + names));
        named(OtherRelation.Kind.MATERIALISED_VIEW)
                .ifPresent(names -> parts.add("materialised views, to be refreshed after a restore: " + names));
        named(OtherRelation.Kind.EXTENSION_TABLE).ifPresent(names -> parts.add("tables of extensions: " + names));
        named(OtherRelation.Kind.VIEW).ifPresent(names -> parts.add("views, which hold nothing: " + names));
        return Finding.ok(need, parts.isEmpty() ? "there are none" : "not captured: " + String.join("; ", parts));
    }

    private Optional<String> named(OtherRelation.Kind kind) {
        Set<String> names = new TreeSet<>();
        catalogue.others().stream()
                .filter(other -> other.kind() == kind)
                .forEach(other -> names.add(other.name().toString()));
        return names.isEmpty() ? Optional.empty() : Optional.of(naming(names));
    }

    private static Finding temporary() {
        return Finding.ok("temporary tables", "never captured: they are a session's own");
    }

    private static String naming(Set<String> names) {
        String some = names.stream().limit(NAMED).collect(Collectors.joining(", "));
        return names.size() <= NAMED ? some : some + " and " + (names.size() - NAMED) + " more";
    }
}
