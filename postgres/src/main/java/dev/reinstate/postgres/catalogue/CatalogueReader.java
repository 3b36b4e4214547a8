package dev.reinstate.postgres.catalogue;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Table.ForeignKey;
import dev.reinstate.postgres.catalogue.Table.Identity;
import dev.reinstate.postgres.catalogue.Table.Kind;
import dev.reinstate.postgres.catalogue.Table.OnDelete;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.postgres.catalogue.TableStorage.ColumnStorage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reads the catalogue in six queries, whatever the number of tables. */
final class CatalogueReader {
    private static final String FAILURE = "Cannot read the catalogue";

    /** Which relations are a user's tables; {@code c} is pg_class, {@code n} pg_namespace. */
    private static final String USER_TABLES = """
            c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
            AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend e
                             WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
            """;

    /** In publications of ours, by themselves or with the table they are a partition of. */
    static final String MEMBERSHIPS = """
            ARRAY(SELECT r.oid::text FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                   WHERE p.pubname LIKE 'reinstate\\_%' AND (r.prrelid = c.oid OR c.relispartition
                         AND r.prrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid))))""";

    private static final String RELATIONS = """
            SELECT c.oid::bigint AS oid, n.nspname, c.relname, c.relkind, c.relispartition, c.relpersistence,
                   c.relreplident, c.relfilenode::bigint AS relfilenode, c.reltuples::bigint AS reltuples,
                   c.relnatts, pg_get_userbyid(c.relowner) AS owner,
                   ARRAY(SELECT pn.nspname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
                           JOIN pg_namespace pn ON pn.oid = p.relnamespace
                          WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parent_schemas,
                   ARRAY(SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
                          WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parent_names,
                   ARRAY(SELECT t.tgname::text FROM pg_trigger t
                          WHERE t.tgrelid = c.oid AND t.tgenabled = 'A' AND NOT t.tgisinternal
                          ORDER BY t.tgname) AS always_triggers,
                   %s AS memberships
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE %s
             ORDER BY n.nspname, c.relname
            """.formatted(MEMBERSHIPS, USER_TABLES);

    private static final String COLUMNS = """
            SELECT c.oid::bigint AS oid, a.attnum, a.attname, a.atttypid::bigint AS atttypid, a.atttypmod,
                   format_type(a.atttypid, a.atttypmod) AS type_name, a.attnotnull,
                   a.xmin::text::bigint AS version, a.atthasmissing,
                   a.attgenerated <> '' AS generated, a.attidentity,
                   CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS default_expression,
                   s.sequence_schemas, s.sequence_names, coalesce(l.collisdeterministic, true) AS deterministic
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              LEFT JOIN pg_collation l ON l.oid = a.attcollation
              LEFT JOIN LATERAL (
                   SELECT array_agg(sn.nspname::text ORDER BY sc.oid) AS sequence_schemas,
                          array_agg(sc.relname::text ORDER BY sc.oid) AS sequence_names
                     FROM (SELECT o.refobjid AS oid FROM pg_depend o
                            WHERE o.classid = 'pg_attrdef'::regclass AND o.objid = d.oid
                              AND o.refclassid = 'pg_class'::regclass
                           UNION
                           SELECT o.objid
                             FROM (SELECT a.attrelid AS oid
                                   UNION SELECT p.relid FROM pg_partition_ancestors(c.oid) p
                                          WHERE c.relispartition) owner
                             JOIN pg_attribute w ON w.attrelid = owner.oid AND w.attname = a.attname
                             JOIN pg_depend o ON o.classid = 'pg_class'::regclass
                                  AND o.refclassid = 'pg_class'::regclass
                                  AND o.refobjid = owner.oid AND o.refobjsubid = w.attnum
                                  AND o.deptype IN ('a', 'i')) fed
                     JOIN pg_class sc ON sc.oid = fed.oid AND sc.relkind = 'S'
                     JOIN pg_namespace sn ON sn.oid = sc.relnamespace) s ON true
             WHERE %s
             ORDER BY c.oid, a.attnum
            """.formatted(USER_TABLES);

    private static final String INDEXES = """
            SELECT c.oid::bigint AS oid, ic.relname AS index_name, i.indisprimary, i.indisreplident, i.indimmediate,
                   coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
                   ARRAY(SELECT a.attname::text
                           FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, position)
                           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                          WHERE k.position <= i.indnkeyatts ORDER BY k.position) AS columns
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND i.indisvalid
                             AND i.indpred IS NULL AND i.indexprs IS NULL
              JOIN pg_class ic ON ic.oid = i.indexrelid
             WHERE %s
             ORDER BY c.oid, ic.relname
            """.formatted(USER_TABLES);

    /** Without the copies a foreign key has for each partition of the table it refers to. */
    private static final String FOREIGN_KEYS = """
            SELECT c.oid::bigint AS oid, k.conname, k.confdeltype, k.condeferrable,
                   rn.nspname AS referenced_schema, r.relname AS referenced_name,
                   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (attnum, position)
                           JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
                          ORDER BY u.position) AS columns,
                   ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (attnum, position)
                           JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum
                          ORDER BY u.position) AS referenced_columns
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
              JOIN pg_class r ON r.oid = k.confrelid
              JOIN pg_namespace rn ON rn.oid = r.relnamespace
             WHERE NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
               AND %s
             ORDER BY c.oid, k.conname
            """.formatted(USER_TABLES);

    /** Views, foreign tables, and whatever an extension owns. */
    private static final String OTHERS = """
            SELECT n.nspname, c.relname, c.relkind, x.extname, f.srvname
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_depend e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e'
              LEFT JOIN pg_extension x ON x.oid = e.refobjid
              LEFT JOIN pg_foreign_table t ON t.ftrelid = c.oid
              LEFT JOIN pg_foreign_server f ON f.oid = t.ftserver
             WHERE (c.relkind IN ('v', 'm', 'f') OR c.relkind IN ('r', 'p') AND x.extname IS NOT NULL)
               AND c.relpersistence <> 't'
               AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
             ORDER BY n.nspname, c.relname
            """;

    private record Owned<T>(int oid, T value) {}

    private record ReadColumn(TableColumn column, ColumnStorage storage) {}

    private record Relation(
            int oid,
            TableName name,
            Kind kind,
            boolean logged,
            Identity identity,
            List<TableName> parents,
            List<String> alwaysTriggers,
            String owner,
            long fileNode,
            Set<Long> memberships,
            int numbered,
            long estimatedRows) {}

    /** "Replica identity must not contain unpublished generated columns" is new in that version. */
    private static final int GENERATED_REFUSED_FROM = 180000;

    private CatalogueReader() {}

    static List<Table> read(Connection connection) {
        List<Relation> relations = Query.list(connection, FAILURE, RELATIONS, CatalogueReader::relation);
        Map<Integer, Equality> equalities = EqualityReader.read(connection);
        Map<Integer, List<ReadColumn>> columns =
                byOid(Query.list(connection, FAILURE, COLUMNS, row -> column(row, equalities)));
        Map<Integer, List<UniqueIndex>> indexes =
                byOid(Query.list(connection, FAILURE, INDEXES, CatalogueReader::index));
        Map<Integer, List<ForeignKey>> foreignKeys =
                byOid(Query.list(connection, FAILURE, FOREIGN_KEYS, CatalogueReader::foreignKey));
        boolean generatedRefused = refusesGenerated(connection);
        return relations.stream()
                .map(r -> table(
                        r,
                        columns.getOrDefault(r.oid(), List.of()),
                        indexes.getOrDefault(r.oid(), List.of()),
                        foreignKeys.getOrDefault(r.oid(), List.of()),
                        generatedRefused))
                .toList();
    }

    /** Whether users' writes fail where an identity has a generated column and is published. */
    static boolean refusesGenerated(Connection connection) {
        return Database.serverVersion(connection) >= GENERATED_REFUSED_FROM;
    }

    static List<OtherRelation> readOthers(Connection connection) {
        return Query.list(connection, FAILURE, OTHERS, row -> {
            String extension = row.getString("extname");
            String server = row.getString("srvname");
            OtherRelation.Kind kind = switch (row.getString("relkind")) {
                case "v" -> OtherRelation.Kind.VIEW;
                case "m" -> OtherRelation.Kind.MATERIALISED_VIEW;
                default -> OtherRelation.Kind.FOREIGN_TABLE;
            };
            return new OtherRelation(
                    new TableName(row.getString("nspname"), row.getString("relname")),
                    extension == null ? kind : OtherRelation.Kind.EXTENSION_TABLE,
                    extension != null ? extension : server != null ? server : "");
        });
    }

    private static Table table(
            Relation relation,
            List<ReadColumn> read,
            List<UniqueIndex> indexes,
            List<ForeignKey> foreignKeys,
            boolean generatedRefused) {
        List<TableColumn> columns = read.stream().map(ReadColumn::column).toList();
        List<ColumnStorage> storage = read.stream().map(ReadColumn::storage).toList();
        RowKeyRule keys = RowKeyRule.of(relation.identity(), columns, indexes, generatedRefused);
        return new Table(
                relation.oid(),
                relation.name(),
                relation.kind(),
                relation.logged(),
                columns,
                keys.primaryKey(),
                relation.identity(),
                keys.identityColumns(),
                keys.rowKey(),
                indexes.stream().map(UniqueIndex::toConstraint).toList(),
                foreignKeys,
                relation.parents(),
                relation.alwaysTriggers(),
                relation.owner(),
                new TableStorage(
                        relation.fileNode(), relation.logged(), relation.memberships(), relation.numbered(), storage),
                relation.estimatedRows());
    }

    private static <T> Map<Integer, List<T>> byOid(List<Owned<T>> found) {
        return found.stream()
                .collect(Collectors.groupingBy(
                        Owned::oid, Collectors.mapping((Function<Owned<T>, T>) Owned::value, Collectors.toList())));
    }

    private static int oid(ResultSet row) throws SQLException {
        return (int) row.getLong("oid");
    }

    private static Relation relation(ResultSet row) throws SQLException {
        List<String> parentSchemas = Query.texts(row, "parent_schemas");
        List<String> parentNames = Query.texts(row, "parent_names");
        List<TableName> parents = IntStream.range(0, parentNames.size())
                .mapToObj(i -> new TableName(parentSchemas.get(i), parentNames.get(i)))
                .toList();
        Kind leaf = row.getBoolean("relispartition") ? Kind.PARTITION : Kind.ORDINARY;
        return new Relation(
                oid(row),
                new TableName(row.getString("nspname"), row.getString("relname")),
                row.getString("relkind").equals("p") ? Kind.PARTITIONED : leaf,
                !row.getString("relpersistence").equals("u"),
                identity(row.getString("relreplident")),
                parents,
                Query.texts(row, "always_triggers"),
                row.getString("owner"),
                row.getLong("relfilenode"),
                Query.texts(row, "memberships").stream().map(Long::valueOf).collect(Collectors.toSet()),
                row.getInt("relnatts"),
                row.getLong("reltuples"));
    }

    static Identity identity(String code) {
        return switch (code) {
            case "d" -> Identity.DEFAULT;
            case "f" -> Identity.FULL;
            case "i" -> Identity.INDEX;
            default -> Identity.NOTHING;
        };
    }

    private static Table.Numbering numbering(String code) {
        return switch (code) {
            case "a" -> Table.Numbering.ALWAYS;
            case "d" -> Table.Numbering.BY_DEFAULT;
            default -> Table.Numbering.NONE;
        };
    }

    private static Owned<ReadColumn> column(ResultSet row, Map<Integer, Equality> equalities) throws SQLException {
        Column column = new Column(
                row.getInt("attnum"),
                row.getString("attname"),
                (int) row.getLong("atttypid"),
                row.getString("type_name"));
        Equality equality = equalities.getOrDefault(column.typeOid(), Equality.NOT_TOLD);
        List<String> sequenceSchemas = Query.texts(row, "sequence_schemas");
        List<String> sequenceNames = Query.texts(row, "sequence_names");
        TableColumn read = new TableColumn(
                column,
                row.getBoolean("attnotnull"),
                row.getBoolean("generated"),
                numbering(row.getString("attidentity")),
                Optional.ofNullable(row.getString("default_expression")),
                IntStream.range(0, sequenceNames.size())
                        .mapToObj(i -> new TableName(sequenceSchemas.get(i), sequenceNames.get(i)))
                        .toList(),
                equality.of(row.getInt("atttypmod"), row.getBoolean("deterministic")));
        ColumnStorage storage = new ColumnStorage(
                column.attnum(),
                column.typeOid(),
                row.getLong("version"),
                row.getBoolean("atthasmissing"),
                read.generated());
        return new Owned<>(oid(row), new ReadColumn(read, storage));
    }

    private static Owned<UniqueIndex> index(ResultSet row) throws SQLException {
        return new Owned<>(
                oid(row),
                new UniqueIndex(
                        row.getString("index_name"),
                        Query.texts(row, "columns"),
                        row.getBoolean("indisprimary"),
                        row.getBoolean("indisreplident"),
                        row.getBoolean("indimmediate"),
                        row.getBoolean("nulls_not_distinct")));
    }

    private static Owned<ForeignKey> foreignKey(ResultSet row) throws SQLException {
        OnDelete onDelete = switch (row.getString("confdeltype")) {
            case "r" -> OnDelete.RESTRICT;
            case "c" -> OnDelete.CASCADE;
            case "n" -> OnDelete.SET_NULL;
            case "d" -> OnDelete.SET_DEFAULT;
            default -> OnDelete.NO_ACTION;
        };
        return new Owned<>(
                oid(row),
                new ForeignKey(
                        row.getString("conname"),
                        Query.texts(row, "columns"),
                        new TableName(row.getString("referenced_schema"), row.getString("referenced_name")),
                        Query.texts(row, "referenced_columns"),
                        onDelete,
                        row.getBoolean("condeferrable")));
    }
}
