package dev.reinstate.bench.load;

import dev.reinstate.bench.server.Database;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** What a tenant's rows are, asked of the database with plain SQL: count and sum of hashes, table by table. */
public final class TenantContent {
    private TenantContent() {}

    /** Equal texts mean, for all purposes of a bench, equal rows. */
    public static String of(Database database, List<TenantRows> tables) throws SQLException {
        return database.text(
                tables.stream().map(TenantContent::query).collect(Collectors.joining(" || E'\\n' || ", "SELECT ", "")));
    }

    private static String query(TenantRows rows) {
        return "(SELECT '%1$s ' || count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM %1$s t WHERE %2$s)"
                .formatted(rows.table(), rows.condition());
    }
}
