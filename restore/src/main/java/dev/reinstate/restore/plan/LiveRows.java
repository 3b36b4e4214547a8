package dev.reinstate.restore.plan;

import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.discovery.TenancySql;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The queries that read a tenant's live rows. */
public final class LiveRows {
    private static final String ALIAS = "live";

    private final TenancySql tenancy;
    private final TenantId tenant;

    public LiveRows(TenancySql tenancy, TenantId tenant) {
        this.tenancy = tenancy;
        this.tenant = tenant;
    }

    /** Live rows as {@link TableLayout} wants them, where and since when they are included. */
    String compared(TableLayout table) {
        Stream<String> columns =
                Stream.concat(table.liveColumns().stream().map(Sql::identifier), Stream.of("ctid", "xmin"));
        return "SELECT " + columns.map(column -> ALIAS + "." + column).collect(Collectors.joining(", ")) + from(table);
    }

    /** Only the columns that are hashed: how a restore is read back. */
    public String common(TableLayout table) {
        String columns = table.commonColumns().stream()
                .map(column -> ALIAS + "." + Sql.identifier(column))
                .collect(Collectors.joining(", "));
        return "SELECT " + columns + from(table);
    }

    private String from(TableLayout table) {
        return " FROM ONLY " + Sql.table(table.name()) + " AS " + ALIAS + " WHERE "
                + tenancy.condition(table.name(), ALIAS, tenant);
    }
}
