package dev.reinstate.postgres.replication;

import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes and keeps the two publications of a store: one with everything of the tables whose updated and deleted rows can
 * be told by a key, one with INSERT and TRUNCATE of the others, because a table without a replica identity that
 * publishes updates makes its users' UPDATE fail.
 */
public final class Publications {
    private static final String ROWS = "insert, update, delete, truncate";
    private static final String INSERTS = "insert, truncate";
    private static final String NARROWED =
            "AND (to_jsonb(r) ->> 'prattrs' IS NOT NULL OR to_jsonb(r) ->> 'prqual' IS NOT NULL)";

    private Publications() {}

    /** The tables that are members of each publication; empty when a publication is missing. */
    public record Published(Optional<SortedSet<TableName>> rows, Optional<SortedSet<TableName>> inserts) {}

    /** What should be published. */
    public record Wanted(SortedSet<TableName> rows, SortedSet<TableName> inserts) {}

    /** @param narrowed members with a column list or row filter, which do not publish all of their table */
    private record Found(boolean asWanted, Set<TableName> tables, Set<TableName> narrowed) {}

    /**
     * Which publication each of those tables belongs to. A partitioned table whose partitions all have keys is
     * published as a whole, so that a partition made tomorrow is too; its changes still arrive under the leaf's name.
     * Else its leaves are taken one by one. {@code INVALID} when changes of a table are not logged.
     */
    public static Wanted plan(Catalogue catalogue, Collection<TableName> tables) {
        SortedSet<TableName> rows = new TreeSet<>();
        SortedSet<TableName> inserts = new TreeSet<>();
        requireLogged(catalogue, tables);
        for (TableName name : tables) {
            Table root = catalogue.require(catalogue.root(name));
            boolean allKeyed = catalogue.leaves(root.name()).stream().allMatch(Table::hasKey);
            if (root.kind() != Table.Kind.PARTITIONED) {
                (root.hasKey() ? rows : inserts).add(root.name());
            } else if (allKeyed && root.hasKey()) {
                rows.add(root.name());
            } else {
                inserts.add(root.name());
                catalogue.leaves(root.name()).stream().filter(Table::hasKey).forEach(leaf -> rows.add(leaf.name()));
            }
        }
        return new Wanted(rows, inserts);
    }

    private static void requireLogged(Catalogue catalogue, Collection<TableName> tables) {
        List<String> unlogged = tables.stream()
                .map(catalogue::require)
                .filter(t -> !t.logged())
                .map(t -> t.name().toString())
                .toList();
        if (!unlogged.isEmpty()) {
            throw ReinstateException.invalid(
                            "Cannot capture " + unlogged.size() + " UNLOGGED tables",
                            "their changes are not written to the log",
                            "map them as ignored, or ALTER TABLE … SET LOGGED")
                    .withDetails(unlogged);
        }
    }

    /**
     * Creates or alters both publications to exactly those tables, in one transaction: one of its own, or the one that is
     * running.
     *
     * @return the statements that were needed; none when all was right
     */
    public static List<String> apply(Connection connection, SourceNames names, Wanted wanted) {
        List<String> statements = statements(connection, names, wanted);
        String failure = "Cannot publish tables as " + names.rowsPublication();
        try {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                statements.forEach(sql -> Query.execute(connection, failure, sql));
                if (autoCommit) {
                    connection.commit();
                }
            } finally {
                if (autoCommit) {
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
            }
        } catch (SQLException e) {
            throw PostgresFailure.of(failure, e);
        }
        return statements;
    }

    /** The statements {@link #apply} would run; also what to show to an owner. */
    public static List<String> statements(Connection connection, SourceNames names, Wanted wanted) {
        List<String> statements = new ArrayList<>();
        add(statements, names.rowsPublication(), ROWS, wanted.rows(), find(connection, names.rowsPublication(), ROWS));
        add(
                statements,
                names.insertsPublication(),
                INSERTS,
                wanted.inserts(),
                find(connection, names.insertsPublication(), INSERTS));
        return statements;
    }

    private static void add(
            List<String> statements,
            String name,
            String operations,
            SortedSet<TableName> wanted,
            Optional<Found> found) {
        String publication = Sql.identifier(name);
        String options = "(publish = '" + operations + "', publish_via_partition_root = false)";
        if (found.isEmpty()) {
            String tables = wanted.isEmpty() ? "" : " FOR TABLE " + list(wanted);
            statements.add("CREATE PUBLICATION " + publication + tables + " WITH " + options);
            return;
        }
        if (!found.get().asWanted()) {
            statements.add("ALTER PUBLICATION " + publication + " SET " + options);
        }
        SortedSet<TableName> surplus = new TreeSet<>(found.get().tables());
        surplus.removeAll(wanted);
        surplus.addAll(found.get().narrowed());
        if (!surplus.isEmpty()) {
            statements.add("ALTER PUBLICATION " + publication + " DROP TABLE " + list(surplus));
        }
        SortedSet<TableName> missing = new TreeSet<>(wanted);
        Set<TableName> right = new HashSet<>(found.get().tables());
        right.removeAll(found.get().narrowed());
        missing.removeAll(right);
        if (!missing.isEmpty()) {
            statements.add("ALTER PUBLICATION " + publication + " ADD TABLE " + list(missing));
        }
    }

    private static String list(SortedSet<TableName> tables) {
        // ONLY: children by inheritance are published by their own names, partitions always are
        return tables.stream().map(t -> "ONLY " + Sql.table(t)).collect(Collectors.joining(", "));
    }

    public static Published read(Connection connection, SourceNames names) {
        return new Published(
                members(connection, names.rowsPublication(), ROWS),
                members(connection, names.insertsPublication(), INSERTS));
    }

    private static Optional<SortedSet<TableName>> members(
            Connection connection, String publication, String operations) {
        Optional<Found> found = find(connection, publication, operations);
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(new TreeSet<>(found.get().tables()));
    }

    private static Optional<Found> find(Connection connection, String publication, String operations) {
        String failure = "Cannot look at publication " + publication;
        boolean rows = operations.equals(ROWS);
        return Query.first(connection, failure, """
                        SELECT pubinsert AND pubtruncate AND NOT pubviaroot AND pubupdate = ? AND pubdelete = ?
                          FROM pg_publication WHERE pubname = ?
                        """, row -> row.getBoolean(1), rows, rows, publication)
                .map(asWanted -> new Found(
                        asWanted,
                        members(connection, failure, publication, ""),
                        members(connection, failure, publication, NARROWED)));
    }

    private static Set<TableName> members(Connection connection, String failure, String publication, String condition) {
        return Set.copyOf(Query.list(
                connection,
                failure,
                """
                SELECT n.nspname, c.relname
                  FROM pg_publication p
                  JOIN pg_publication_rel r ON r.prpubid = p.oid
                  JOIN pg_class c ON c.oid = r.prrelid
                  JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE p.pubname = ?
                """ + condition,
                row -> new TableName(row.getString(1), row.getString(2)),
                publication));
    }

    /** Drops both, if they exist. */
    public static void drop(Connection connection, SourceNames names) {
        Query.execute(
                connection,
                "Cannot drop the publications of " + names.slot(),
                "DROP PUBLICATION IF EXISTS " + Sql.identifier(names.rowsPublication()) + ", "
                        + Sql.identifier(names.insertsPublication()));
    }
}
