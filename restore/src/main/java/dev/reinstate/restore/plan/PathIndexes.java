package dev.reinstate.restore.plan;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.PostgresFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which tables' tenants can be found by index all the way; only those are read that way. */
final class PathIndexes {
    private final Map<TableName, Set<List<String>>> indexes = new HashMap<>();

    private PathIndexes() {}

    static PathIndexes read(Connection connection) {
        PathIndexes found = new PathIndexes();
        try (PreparedStatement statement = connection.prepareStatement("""
                        SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY k.number)
                        FROM pg_index i
                        JOIN pg_class c ON c.oid = i.indrelid
                        JOIN pg_namespace n ON n.oid = c.relnamespace
                        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, number)
                        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                        WHERE i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                          AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                        GROUP BY i.indexrelid, n.nspname, c.relname
                        """);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                TableName table = new TableName(rows.getString(1), rows.getString(2));
                String[] columns = (String[]) rows.getArray(3).getArray();
                found.indexes.computeIfAbsent(table, name -> new HashSet<>()).add(Arrays.asList(columns));
            }
            return found;
        } catch (SQLException e) {
            throw PostgresFailure.of("Reading the indexes", e);
        }
    }

    /** Whether an index leads from a tenant to its rows of that table, over all tables between. */
    boolean covers(TenancyMap map, TableName table) {
        Optional<TableRule> rule = map.rule(table);
        return rule.isPresent()
                && switch (rule.get()) {
                    case TableRule.TenantTable tenants -> begins(table, List.of(tenants.idColumn()));
                    case TableRule.ByColumn column -> begins(table, List.of(column.column()));
                    case TableRule.ByPath path -> covers(map, table, path);
                    case TableRule.ByPaths several ->
                        several.paths().stream().allMatch(path -> covers(map, table, path));
                    case TableRule.ByType type ->
                        begins(table, type.ownerColumns())
                                && type.parentsBesides(table).stream().allMatch(parent -> covers(map, parent));
                    case TableRule.BySchema schema -> false; // all of its rows are the tenant's
                    case TableRule.Shared shared -> false;
                    case TableRule.Ignored ignored -> false;
                    case TableRule.Unmapped unmapped -> false;
                };
    }

    private boolean covers(TenancyMap map, TableName table, TableRule.ByPath path) {
        return begins(table, path.columns()) && covers(map, path.parent());
    }

    private boolean begins(TableName table, List<String> columns) {
        Set<String> wanted = new HashSet<>(columns);
        return indexes.getOrDefault(table, Set.of()).stream()
                .anyMatch(index ->
                        index.size() >= wanted.size() && wanted.equals(new HashSet<>(index.subList(0, wanted.size()))));
    }
}
