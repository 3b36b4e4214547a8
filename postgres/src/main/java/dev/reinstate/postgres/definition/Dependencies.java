package dev.reinstate.postgres.definition;

import dev.reinstate.postgres.Query;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What must be there before what, as the server's own records say. */
final class Dependencies {
    /** Objects made by a user have oids from here on. */
    private static final int FIRST_USER_OID = 16_384;

    /**
     * A column's default, an index or a constraint is a part of its table; a row type is its table; an array type its
     * element. A foreign key is left out: it comes when all tables are there. So is a sequence's belonging to a column.
     */
    private static final String EDGES = """
            WITH part (classid, objid, kind, holder) AS (
                SELECT 'pg_class'::regclass, c.oid, 'relation', c.oid FROM pg_class c
                 WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f')
                UNION ALL SELECT 'pg_class'::regclass, i.indexrelid, 'relation', i.indrelid FROM pg_index i
                UNION ALL SELECT 'pg_class'::regclass, c.oid, 'type', c.reltype FROM pg_class c WHERE c.relkind = 'c'
                UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, 'relation', d.adrelid FROM pg_attrdef d
                UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 'relation', k.conrelid FROM pg_constraint k
                           WHERE k.conrelid <> 0 AND k.contype <> 'f'
                UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 'type', k.contypid FROM pg_constraint k
                           WHERE k.contypid <> 0
                UNION ALL SELECT 'pg_type'::regclass, t.oid,
                                 CASE WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f') THEN 'relation' ELSE 'type' END,
                                 CASE WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f') THEN c.oid
                                      ELSE coalesce(r.rngtypid, e.oid, t.oid) END
                            FROM pg_type t
                            LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
                            LEFT JOIN pg_range r ON r.rngmultitypid = coalesce(e.oid, t.oid)
                            LEFT JOIN pg_class c ON c.oid = coalesce(e.typrelid, t.typrelid)
                UNION ALL SELECT 'pg_proc'::regclass, p.oid, 'function', p.oid FROM pg_proc p
                UNION ALL SELECT 'pg_collation'::regclass, l.oid, 'collation', l.oid FROM pg_collation l)
            SELECT DISTINCT a.kind, a.holder::bigint AS holder,
                   coalesce(b.kind, d.refclassid::regclass::text) AS ref_kind,
                   coalesce(b.holder, d.refobjid)::bigint AS ref_holder
              FROM pg_depend d
              JOIN part a ON a.classid = d.classid AND a.objid = d.objid
              LEFT JOIN part b ON b.classid = d.refclassid AND b.objid = d.refobjid
              LEFT JOIN pg_class s ON d.classid = 'pg_class'::regclass AND s.oid = d.objid
             WHERE d.refobjid >= %d AND d.deptype IN ('n', 'a', 'i')
               AND NOT (s.relkind IS NOT DISTINCT FROM 'S' AND d.deptype IN ('a', 'i'))
               AND (a.kind, a.holder::bigint) IS DISTINCT FROM (b.kind, b.holder::bigint)
            """.formatted(FIRST_USER_OID);

    private static final String MEMBERS = """
            SELECT CASE d.classid WHEN 'pg_class'::regclass THEN 'relation' WHEN 'pg_type'::regclass THEN 'type'
                        WHEN 'pg_proc'::regclass THEN 'function' WHEN 'pg_collation'::regclass THEN 'collation'
                        ELSE d.classid::regclass::text END AS kind,
                   d.objid::bigint AS oid, d.refobjid::bigint AS extension
              FROM pg_depend d WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
            """;

    private final Map<Part, SortedSet<Part>> needs = new HashMap<>();
    private final Map<Part, Part> extensionOf = new HashMap<>();

    private Dependencies() {}

    static Dependencies read(Connection connection, String failure) {
        Dependencies read = new Dependencies();
        Query.list(
                connection,
                failure,
                EDGES,
                row -> read.needs
                        .computeIfAbsent(new Part(row.getString("kind"), row.getLong("holder")), p -> new TreeSet<>())
                        .add(new Part(row.getString("ref_kind"), row.getLong("ref_holder"))));
        Query.list(
                connection,
                failure,
                MEMBERS,
                row -> read.extensionOf.put(
                        new Part(row.getString("kind"), row.getLong("oid")),
                        new Part(Part.EXTENSION, row.getLong("extension"))));
        return read;
    }

    /** Those and everything they need, each after what it needs; what an extension brings is that extension. */
    List<Part> inOrder(Collection<Part> wanted) {
        Set<Part> done = new LinkedHashSet<>();
        Set<Part> begun = new HashSet<>();
        new TreeSet<>(wanted).forEach(part -> visit(part, begun, done));
        return new ArrayList<>(done);
    }

    /** In a circle, whatever is met first is made first. */
    private void visit(Part named, Set<Part> begun, Set<Part> done) {
        Part part = extensionOf.getOrDefault(named, named);
        if (!begun.add(part)) {
            return;
        }
        needs.getOrDefault(part, new TreeSet<>()).forEach(need -> visit(need, begun, done));
        done.add(part);
    }
}
