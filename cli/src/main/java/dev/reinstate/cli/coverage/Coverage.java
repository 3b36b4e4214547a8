package dev.reinstate.cli.coverage;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.CoverageReport;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * One look at a database under the rules of a configuration.
 *
 * @param database for people, without credentials
 * @param rules what the configuration says
 */
public record Coverage(
        String database, Instant lookedAt, TenancyRules rules, Catalogue catalogue, CoverageReport report) {

    /** How tenants are known, for people. */
    public String tenants() {
        Optional<String> table = rules.tenantTable().map(TableName::toString);
        Optional<String> schemas = rules.tenantSchemas().map(pattern -> "schemas " + pattern);
        return table.map(name -> name + schemas.map(text -> " and " + text).orElse(""))
                .or(() -> schemas)
                .orElse("none");
    }

    /** Whether anything is known of how many rows a table has. */
    boolean isCounted(CoverageReport.Line line) {
        return line.estimatedRows() > 0
                || catalogue
                        .table(line.table())
                        .filter(table -> table.estimatedRows() >= 0 || table.kind() == Table.Kind.PARTITIONED)
                        .isPresent();
    }

    /** A share in percent; never rounded up to everything nor down to nothing. */
    static String percent(double share) {
        if (share >= 1 || share <= 0) {
            return share <= 0 ? "0" : "100";
        }
        return String.format(Locale.ROOT, "%.1f", Math.clamp(Math.floor(share * 1000) / 10, 0.1, 99.9));
    }
}
