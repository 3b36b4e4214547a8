package dev.reinstate.postgres.catalogue;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.postgres.catalogue.TableStorage.ColumnStorage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A table as a JSON document describes it that was written inside the transaction that made it so. Foreign keys, parents,
 * triggers and estimates are not in it. The server reads the JSON.
 */
public final class ToldTable {
    private static final String FAILURE = "Cannot read what the event trigger said of a table";

    private record Told(TableColumn column, ColumnStorage storage) {}

    private ToldTable() {}

    public static Table read(Connection connection, String json) {
        List<Told> told = Query.list(connection, FAILURE, """
                SELECT attnum, name, type, "typeName", "notNull", generated, version, "fillsIn"
                  FROM jsonb_to_recordset(?::jsonb -> 'columns') AS c (attnum int, name text, type bigint, "typeName" text,
                       "notNull" boolean, generated boolean, version bigint, "fillsIn" boolean, dropped boolean)
                 WHERE NOT dropped ORDER BY attnum
                """, ToldTable::column, json);
        List<UniqueIndex> indexes = Query.list(connection, FAILURE, """
                SELECT name, "primary", identity, immediate, "nullsNotDistinct",
                       ARRAY(SELECT jsonb_array_elements_text(columns)) AS columns
                  FROM jsonb_to_recordset(?::jsonb -> 'indexes') AS i (name text, "primary" boolean, identity boolean,
                       immediate boolean, "nullsNotDistinct" boolean, columns jsonb)
                 ORDER BY name
                """, ToldTable::index, json);
        boolean generatedRefused = CatalogueReader.refusesGenerated(connection);
        return Query.one(connection, FAILURE, """
                SELECT j ->> 'oid', j ->> 'schema', j ->> 'name', j ->> 'kind', (j ->> 'partition')::boolean,
                       j ->> 'persistence', j ->> 'identity', (j ->> 'file')::bigint,
                       ARRAY(SELECT jsonb_array_elements_text(j -> 'memberships')) AS memberships,
                       (SELECT max((c ->> 'attnum')::int) FROM jsonb_array_elements(j -> 'columns') c) AS numbered
                  FROM (SELECT ?::jsonb AS j) d
                """, row -> table(row, told, indexes, generatedRefused), json);
    }

    private static Table table(ResultSet row, List<Told> told, List<UniqueIndex> indexes, boolean generatedRefused)
            throws SQLException {
        List<TableColumn> columns = told.stream().map(Told::column).toList();
        Table.Identity identity = CatalogueReader.identity(row.getString(7));
        RowKeyRule keys = RowKeyRule.of(identity, columns, indexes, generatedRefused);
        boolean logged = !row.getString(6).equals("u");
        Table.Kind leaf = row.getBoolean(5) ? Table.Kind.PARTITION : Table.Kind.ORDINARY;
        return new Table(
                Integer.parseUnsignedInt(row.getString(1)),
                new TableName(row.getString(2), row.getString(3)),
                row.getString(4).equals("p") ? Table.Kind.PARTITIONED : leaf,
                logged,
                columns,
                keys.primaryKey(),
                identity,
                keys.identityColumns(),
                keys.rowKey(),
                indexes.stream().map(UniqueIndex::toConstraint).toList(),
                List.of(),
                List.of(),
                List.of(),
                "",
                new TableStorage(
                        row.getLong(8),
                        logged,
                        Query.texts(row, "memberships").stream()
                                .map(Long::valueOf)
                                .collect(Collectors.toSet()),
                        row.getInt("numbered"),
                        told.stream().map(Told::storage).toList()),
                -1);
    }

    private static Told column(ResultSet row) throws SQLException {
        Column column = new Column(
                row.getInt("attnum"), row.getString("name"), (int) row.getLong("type"), row.getString("typeName"));
        boolean generated = row.getBoolean("generated");
        return new Told(
                new TableColumn(
                        column,
                        row.getBoolean("notNull"),
                        generated,
                        Table.Numbering.NONE,
                        Optional.empty(),
                        List.of(),
                        Equality.NOT_TOLD),
                new ColumnStorage(
                        column.attnum(),
                        column.typeOid(),
                        row.getLong("version"),
                        row.getBoolean("fillsIn"),
                        generated));
    }

    private static UniqueIndex index(ResultSet row) throws SQLException {
        return new UniqueIndex(
                row.getString("name"),
                Query.texts(row, "columns"),
                row.getBoolean("primary"),
                row.getBoolean("identity"),
                row.getBoolean("immediate"),
                row.getBoolean("nullsNotDistinct"));
    }
}
