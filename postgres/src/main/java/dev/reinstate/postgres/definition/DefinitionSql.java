package dev.reinstate.postgres.definition;

import java.util.List;
import java.util.Map;

/**
 * The queries whose answers are statements. Each takes an array of oids as text and returns oid, name for people and
 * statement. They rely on an empty {@code search_path}: the server qualifies every name then.
 */
final class DefinitionSql {
    /** Tables, and all that they are partitions or heirs of. */
    static final String FAMILY = """
            WITH RECURSIVE family (oid) AS (
                SELECT unnest(?::text::oid[])
                UNION SELECT i.inhparent FROM family f JOIN pg_inherits i ON i.inhrelid = f.oid)
            SELECT oid::bigint FROM family""";

    private static final String SCHEMAS = """
            SELECT n.oid::bigint, format('schema %I', n.nspname), format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname)
              FROM pg_namespace n WHERE n.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String EXTENSIONS = """
            SELECT e.oid::bigint, format('extension %I', e.extname),
                   format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', e.extname, n.nspname)
              FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String EXTENSION_SCHEMAS = """
            SELECT e.oid::bigint, format('schema %I', n.nspname), format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname)
              FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String COLLATIONS = """
            SELECT l.oid::bigint, format('collation %I.%I', n.nspname, l.collname),
                   format('CREATE COLLATION %I.%I (PROVIDER = %s, %s, DETERMINISTIC = %s)', n.nspname, l.collname,
                          CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
                          CASE WHEN l.collprovider = 'c'
                               THEN format('LC_COLLATE = %L, LC_CTYPE = %L', l.collcollate, l.collctype)
                               ELSE format('LOCALE = %L', coalesce(to_jsonb(l) ->> 'colllocale',
                                           to_jsonb(l) ->> 'colliculocale', l.collcollate))
                                || CASE WHEN to_jsonb(l) ->> 'collicurules' <> ''
                                        THEN format(', RULES = %L', to_jsonb(l) ->> 'collicurules') ELSE '' END END,
                          l.collisdeterministic::text)
              FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String FUNCTIONS = """
            SELECT p.oid::bigint, format('function %s', p.oid::regprocedure), pg_get_functiondef(p.oid)
              FROM pg_proc p WHERE p.prokind IN ('f', 'p', 'w') AND p.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String ENUMERATIONS = """
            SELECT t.oid::bigint, format('type %s', t.oid::regtype),
                   format('CREATE TYPE %s AS ENUM (%s)', t.oid::regtype,
                          (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                             FROM pg_enum e WHERE e.enumtypid = t.oid))
              FROM pg_type t WHERE t.typtype = 'e' AND t.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String COMPOSITES = """
            SELECT t.oid::bigint, format('type %s', t.oid::regtype),
                   format('CREATE TYPE %s AS (%s)', t.oid::regtype,
                          (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                                             CASE WHEN a.attcollation <> at.typcollation
                                                  THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END),
                                             ', ' ORDER BY a.attnum)
                             FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
                            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
              FROM pg_type t WHERE t.typtype = 'c' AND t.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String DOMAINS = """
            SELECT t.oid::bigint, format('domain %s', t.oid::regtype),
                   format('CREATE DOMAIN %s AS %s%s%s%s%s', t.oid::regtype, format_type(t.typbasetype, t.typtypmod),
                          CASE WHEN t.typcollation <> b.typcollation
                               THEN ' COLLATE ' || t.typcollation::regcollation ELSE '' END,
                          ' DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass),
                                                  quote_literal(t.typdefault)),
                          CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END,
                          (SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), ''
                                             ORDER BY k.conname)
                             FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
              FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype
             WHERE t.typtype = 'd' AND t.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String RANGES = """
            SELECT t.oid::bigint, format('type %s', t.oid::regtype),
                   format('CREATE TYPE %s AS RANGE (SUBTYPE = %s, SUBTYPE_OPCLASS = %I.%I%s%s%s, MULTIRANGE_TYPE_NAME = %s)',
                          t.oid::regtype, format_type(r.rngsubtype, NULL), n.nspname, o.opcname,
                          CASE WHEN r.rngcollation <> s.typcollation
                               THEN ', COLLATION = ' || r.rngcollation::regcollation ELSE '' END,
                          CASE WHEN r.rngcanonical <> 0 THEN ', CANONICAL = ' || r.rngcanonical::regproc ELSE '' END,
                          CASE WHEN r.rngsubdiff <> 0 THEN ', SUBTYPE_DIFF = ' || r.rngsubdiff::regproc ELSE '' END,
                          r.rngmultitypid::regtype)
              FROM pg_type t JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_type s ON s.oid = r.rngsubtype
              JOIN pg_opclass o ON o.oid = r.rngsubopc JOIN pg_namespace n ON n.oid = o.opcnamespace
             WHERE t.oid IN (SELECT unnest(?::text::oid[]))""";

    private static final String SEQUENCE_OPTIONS = """
            format('INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s', q.seqincrement, q.seqmin,
                   q.seqmax, q.seqstart, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END)""";

    private static final String SEQUENCES = """
            SELECT c.oid::bigint, format('sequence %s', c.oid::regclass),
                   format('CREATE SEQUENCE %s AS %s %s', c.oid::regclass, format_type(q.seqtypid, NULL), @OPTIONS@)
              FROM pg_class c JOIN pg_sequence q ON q.seqrelid = c.oid WHERE c.oid IN (SELECT unnest(?::text::oid[]))""".replace("@OPTIONS@", SEQUENCE_OPTIONS);

    /** A partition is made as a table by itself, and attached later; it gets its identity columns from the root. */
    private static final String TABLES = """
            SELECT c.oid::bigint, format('table %s', c.oid::regclass),
                   format('CREATE TABLE %s (%s)%s%s', c.oid::regclass,
                          (SELECT string_agg(format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                                      CASE WHEN a.attcollation <> t.typcollation
                                           THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END,
                                      CASE WHEN a.attgenerated = 's'
                                           THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
                                           WHEN a.attgenerated = 'v'
                                           THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(d.adbin, d.adrelid))
                                           WHEN a.attidentity <> '' AND NOT c.relispartition
                                           THEN format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %s %s)',
                                                  CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                                                  i.seqrelid::regclass, i.options)
                                           ELSE ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END,
                                      CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY a.attnum)
                             FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                             LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                             LEFT JOIN LATERAL (
                                  SELECT q.seqrelid, @OPTIONS@ AS options
                                    FROM pg_depend o JOIN pg_sequence q ON q.seqrelid = o.objid
                                   WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
                                     AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum AND o.deptype = 'i'
                                   LIMIT 1) i ON true
                            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                          ' PARTITION BY ' || pg_get_partkeydef(c.oid),
                          ' WITH (' || array_to_string(c.reloptions, ', ') || ')')
              FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.oid IN (SELECT unnest(?::text::oid[]))""".replace("@OPTIONS@", SEQUENCE_OPTIONS);

    private static final String OWNED_SEQUENCES = """
            SELECT d.objid::bigint, format('owner of sequence %s', d.objid::regclass),
                   format('ALTER SEQUENCE %s OWNED BY %s.%I', d.objid::regclass, d.refobjid::regclass, a.attname)
              FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
              JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
               AND d.refobjid IN (SELECT unnest(?::text::oid[])) ORDER BY 2""";

    /** Of partitions and heirs, too, so that they can be attached. */
    private static final String CONSTRAINTS = """
            SELECT k.oid::bigint, format('constraint %I of %s', k.conname, k.conrelid::regclass),
                   format('ALTER TABLE ONLY %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname,
                          pg_get_constraintdef(k.oid))
              FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x', 'c') AND k.conrelid IN (SELECT unnest(?::text::oid[]))
             ORDER BY k.conrelid::regclass::text, k.contype, k.conname""";

    private static final String INDEXES = """
            SELECT i.indexrelid::bigint, format('index %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
              FROM pg_index i
             WHERE i.indisvalid AND i.indrelid IN (SELECT unnest(?::text::oid[]))
               AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid
                                AND k.contype IN ('p', 'u', 'x'))
             ORDER BY i.indexrelid::regclass::text""";

    private static final String PARTITIONS = """
            SELECT c.oid::bigint, format('partition %s', c.oid::regclass),
                   CASE WHEN c.relispartition
                        THEN format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s', h.inhparent::regclass, c.oid::regclass,
                                    pg_get_expr(c.relpartbound, c.oid))
                        ELSE format('ALTER TABLE ONLY %s INHERIT %s', c.oid::regclass, h.inhparent::regclass) END
              FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid AND c.relkind IN ('r', 'p')
             WHERE c.oid IN (SELECT unnest(?::text::oid[])) AND NOT h.inhdetachpending
             ORDER BY c.oid::regclass::text, h.inhseqno""";

    private static final String REPLICA_IDENTITIES = """
            SELECT c.oid::bigint, format('replica identity of %s', c.oid::regclass),
                   format('ALTER TABLE ONLY %s REPLICA IDENTITY %s', c.oid::regclass,
                          CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING'
                               ELSE 'USING INDEX ' || quote_ident(x.relname) END)
              FROM pg_class c
              LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident
              LEFT JOIN pg_class x ON x.oid = i.indexrelid
             WHERE c.relkind IN ('r', 'p') AND c.oid IN (SELECT unnest(?::text::oid[]))
               AND (c.relreplident IN ('f', 'n') OR c.relreplident = 'i' AND x.oid IS NOT NULL)
             ORDER BY c.oid::regclass::text""";

    /** Those among these tables; partitions get theirs from what they are partitions of. */
    private static final String FOREIGN_KEYS = """
            WITH these AS (SELECT unnest(?::text::oid[]) AS oid)
            SELECT k.oid::bigint, format('foreign key %I of %s', k.conname, k.conrelid::regclass),
                   format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname,
                          pg_get_constraintdef(k.oid))
              FROM pg_constraint k
             WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid IN (SELECT oid FROM these)
               AND k.confrelid IN (SELECT oid FROM these)
             ORDER BY k.conrelid::regclass::text, k.conname""";

    static final String LEFT_OUT = """
            WITH these AS (SELECT unnest(?::text::oid[]) AS oid)
            SELECT format('foreign key %I of %s, to a table that is not captured', k.conname, k.conrelid::regclass)
              FROM pg_constraint k
             WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid IN (SELECT oid FROM these)
               AND NOT EXISTS (SELECT FROM these WHERE these.oid = k.confrelid)""";

    /** By kind; of one kind in this order. */
    static final Map<String, List<String>> OF_PARTS = Map.of(
            Part.SCHEMA, List.of(SCHEMAS),
            Part.EXTENSION, List.of(EXTENSION_SCHEMAS, EXTENSIONS),
            Part.COLLATION, List.of(COLLATIONS),
            Part.FUNCTION, List.of(FUNCTIONS),
            Part.TYPE, List.of(ENUMERATIONS, COMPOSITES, DOMAINS, RANGES),
            Part.RELATION, List.of(SEQUENCES, TABLES));

    /** What comes when all tables are there, in this order. */
    static final List<String> ON_TABLES =
            List.of(OWNED_SEQUENCES, CONSTRAINTS, INDEXES, PARTITIONS, REPLICA_IDENTITIES, FOREIGN_KEYS);

    private DefinitionSql() {}
}
