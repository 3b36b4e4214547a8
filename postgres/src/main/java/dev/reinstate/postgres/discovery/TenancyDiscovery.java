package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.util.List;

/**
 * Proposes, from the catalogue alone, which tenant each table's rows belong to. Every partition gets its root's rule.
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class TenancyDiscovery {
    private TenancyDiscovery() {}

    /**
     * What is proposed for one table.
     *
     * @param reason why, for a person, in one sentence
     * @param warnings what to look at: nullable paths, no key
     * @param alternatives other ways the rows could find a tenant, each a sentence
     */
    public record Proposal(
            TableName table, TableRule rule, String reason, List<String> warnings, List<String> alternatives) {}

    /** Every table's proposal, by name. {@code INVALID} when the tenant table is unknown or has no one-column key. */
    public static List<Proposal> propose(Catalogue catalogue, TableName tenantTable) {
        throw new UnsupportedOperationException(catalogue.toString() + tenantTable);
    }

    /** The map of those proposals. */
    public static TenancyMap toMap(TableName tenantTable, List<Proposal> proposals) {
        throw new UnsupportedOperationException(tenantTable.toString() + proposals);
    }
}
