package dev.reinstate.postgres.definition;

import dev.reinstate.model.Definition;
import dev.reinstate.model.Definitions;
import dev.reinstate.model.Lsn;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Reads what makes some tables in an empty database. What is made: the tables with columns, defaults, generated and
 * identity columns, partitions, inheritance, checks, keys, indexes, replica identities and foreign keys among each
 * other; and what they need: schemas, extensions, sequences, enumerations, domains, composite and range types,
 * collations and functions. What is not: views, triggers, policies, privileges, owners, comments, other functions.
 */
public final class DefinitionReader {
    private static final String FAILURE = "Cannot read how the tables are made";

    private final Connection connection;
    private final SortedSet<String> leftOut = new TreeSet<>();

    private DefinitionReader(Connection connection) {
        this.connection = connection;
    }

    /**
     * Reads the session's view of the catalogue: give it a snapshot's transaction to have all of one moment.
     *
     * @param tables partitioned ones come with their partitions, partitions with what they are partitions of
     */
    public static Definitions read(Connection connection, Collection<Table> tables, Lsn position, Instant time) {
        DefinitionReader reader = new DefinitionReader(connection);
        List<Definition> statements = reader.statements(
                tables.stream().map(table -> (long) table.oid() & 0xffff_ffffL).toList());
        return new Definitions(position, time, statements, List.copyOf(reader.leftOut));
    }

    private List<Definition> statements(Collection<Long> tables) {
        Set<Long> family = family(tables);
        List<Part> parts = Dependencies.read(connection, FAILURE)
                .inOrder(
                        family.stream().map(oid -> new Part(Part.RELATION, oid)).toList());
        Map<Part, List<Definition>> made = make(parts);
        List<Definition> statements = new ArrayList<>();
        for (Part part : parts) {
            List<Definition> definitions = made.get(part);
            if (definitions == null) {
                leftOut.add(describe(part));
            } else {
                statements.addAll(definitions);
            }
        }
        long[] relations = oids(parts, Part.RELATION);
        for (String sql : DefinitionSql.ON_TABLES) {
            read(sql, relations).forEach((oid, definitions) -> statements.addAll(definitions));
        }
        leftOut.addAll(
                Query.list(connection, FAILURE, DefinitionSql.LEFT_OUT, row -> row.getString(1), array(relations)));
        return statements;
    }

    /** With what they are parts of. */
    private Set<Long> family(Collection<Long> tables) {
        return new HashSet<>(Query.list(
                connection,
                FAILURE,
                DefinitionSql.FAMILY,
                row -> row.getLong(1),
                array(tables.stream().mapToLong(Long::longValue).toArray())));
    }

    private Map<Part, List<Definition>> make(List<Part> parts) {
        Map<Part, List<Definition>> made = new HashMap<>();
        DefinitionSql.OF_PARTS.forEach((kind, queries) -> queries.forEach(sql -> read(sql, oids(parts, kind))
                .forEach((oid, definitions) -> made.computeIfAbsent(new Part(kind, oid), part -> new ArrayList<>())
                        .addAll(definitions))));
        return made;
    }

    /** By oid, in the order of the answer; without what was dropped while it was looked at. */
    private Map<Long, List<Definition>> read(String sql, long[] oids) {
        Map<Long, List<Definition>> found = new LinkedHashMap<>();
        if (oids.length > 0) {
            Query.list(connection, FAILURE, sql, row -> add(row, found), array(oids));
        }
        return found;
    }

    private static boolean add(ResultSet row, Map<Long, List<Definition>> found) throws SQLException {
        String statement = row.getString(3);
        return statement != null
                && found.computeIfAbsent(row.getLong(1), oid -> new ArrayList<>())
                        .add(new Definition(row.getString(2), statement));
    }

    private String describe(Part part) {
        String catalogue = switch (part.kind()) {
            case Part.RELATION -> "pg_class";
            case Part.TYPE -> "pg_type";
            case Part.FUNCTION -> "pg_proc";
            case Part.COLLATION -> "pg_collation";
            default -> part.kind();
        };
        return Query.one(
                connection,
                FAILURE,
                "SELECT coalesce(pg_describe_object(?::regclass, ?::oid, 0), 'something that is gone')",
                row -> row.getString(1),
                catalogue,
                part.oid());
    }

    private static long[] oids(List<Part> parts, String kind) {
        return parts.stream()
                .filter(part -> part.kind().equals(kind))
                .mapToLong(Part::oid)
                .toArray();
    }

    private static String array(long[] oids) {
        return Arrays.stream(oids).mapToObj(Long::toString).collect(Collectors.joining(",", "{", "}"));
    }
}
