package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.model.TenantId;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.util.List;

/** The SQL that selects one tenant's live rows, at a cost that follows the tenant when foreign keys are indexed. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class TenancySql {
    private final Catalogue catalogue;
    private final TenancyMap map;

    public TenancySql(Catalogue catalogue, TenancyMap map) {
        this.catalogue = catalogue;
        this.map = map;
    }

    /**
     * A SELECT of those columns of the tenant's rows of a tenant-owned table, parameters filled in; fit for {@code COPY
     * (…) TO STDOUT} and for appending {@code FOR UPDATE OF row}. The table's alias is {@code row}.
     */
    public String selectRows(TableName table, List<String> columns, TenantId tenant) {
        throw new UnsupportedOperationException(catalogue.toString() + map + table + columns + tenant);
    }

    /**
     * A condition on the table under that alias that is true for the tenant's rows.
     */
    public String condition(TableName table, String alias, TenantId tenant) {
        throw new UnsupportedOperationException(catalogue.toString() + map + table + alias + tenant);
    }
}
