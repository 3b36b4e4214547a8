package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether columns that look as if they held a tenant's id do, by the share of sampled values that exist as tenants. */
final class SoftColumnChecks {
    /** From here on a column is taken for what its name says. */
    private static final double CONFIRMED = 0.95;

    /** Below, the name is taken to mean something else. */
    private static final double DOUBTFUL = 0.5;

    private record Share(long rows, long filled, long found) {}

    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final Given given;
    private final Samples samples;
    private final Facts facts;

    SoftColumnChecks(Catalogue catalogue, LogicalTables logical, Given given, Samples samples, Facts facts) {
        this.catalogue = catalogue;
        this.logical = logical;
        this.given = given;
        this.samples = samples;
        this.facts = facts;
    }

    void check() {
        given.tenantTable().map(catalogue::require).ifPresent(this::check);
    }

    private void check(Table tenantTable) {
        Optional<String> id = new TenancyDiscovery(catalogue, logical, given, facts).tenantIdColumn(tenantTable);
        if (id.isEmpty() || !samples.hasRows(tenantTable.name())) {
            return;
        }
        SoftColumns softColumns = new SoftColumns(catalogue, logical, tenantTable, id.get());
        for (Table table : logical.roots()) {
            List<SoftColumns.Soft> soft = softColumns.of(table);
            if (!soft.isEmpty() && !given.decided().containsKey(table.name())) {
                look(table, soft, tenantTable.name(), id.get());
            }
        }
    }

    private void look(Table table, List<SoftColumns.Soft> soft, TableName tenantTable, String idColumn) {
        List<String> columns = soft.stream().map(SoftColumns.Soft::column).toList();
        samples.of(table.name(), columns).ifPresent(sample -> {
            String counts = columns.stream()
                    .map(column -> {
                        String value = "s." + Sql.identifier(column);
                        return ", count(" + value + "), count("
                                + DataChecks.tenantExists(catalogue.require(tenantTable), idColumn, value) + ")";
                    })
                    .collect(Collectors.joining());
            samples.list(table.name(), "SELECT count(*)" + counts + " FROM (" + sample + ") s", row -> {
                for (int i = 0; i < columns.size(); i++) {
                    judge(
                            table.name(),
                            soft.get(i),
                            new Share(row.getLong(1), row.getLong(2 + 2 * i), row.getLong(3 + 2 * i)));
                }
                return 0;
            });
        });
    }

    private void judge(TableName table, SoftColumns.Soft soft, Share share) {
        TableRule rule = new TableRule.ByColumn(soft.column());
        if (share.filled() == 0) {
            return;
        }
        String seen = Counted.share(share.found(), share.filled()) + " of " + share.filled() + " sampled values of "
                + soft.column() + " exist as tenants";
        double found = (double) share.found() / share.filled();
        Facts.Verdict verdict = found >= CONFIRMED
                ? Facts.Verdict.CONFIRMED
                : found >= DOUBTFUL ? Facts.Verdict.DOUBTFUL : Facts.Verdict.WITHDRAWN;
        facts.column(table, soft.column(), verdict);
        facts.note(table, seen);
        if (share.found() < share.filled()) {
            facts.warn(
                    table,
                    rule,
                    "only " + seen + ": rows of other values belong to tenants that are gone, or not to tenants");
        }
    }
}
