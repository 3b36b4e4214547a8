package dev.reinstate.postgres.discovery;

import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tables of which every tenant has its own, in a schema of its own. */
final class SchemaTables {
    private SchemaTables() {}

    /** @param tables those in tenants' schemas */
    static List<Proposal> propose(Given given, List<Table> tables) {
        Optional<SchemaPattern> pattern = given.tenantSchemas();
        Map<String, Integer> copies = new HashMap<>();
        tables.forEach(table -> copies.merge(table.name().name(), 1, Integer::sum));
        List<Proposal> proposals = new ArrayList<>();
        for (Table table : tables) {
            TableName name = table.name();
            if (SchemaPatterns.isTemplate(pattern.orElseThrow(), name.schema())) {
                proposals.add(Proposal.of(
                        name,
                        new TableRule.Ignored(),
                        "the schema is by its name the template of tenants' schemas, not a tenant's"));
            } else {
                int others = copies.getOrDefault(name.name(), 1) - 1;
                proposals.add(Proposal.of(
                        name,
                        new TableRule.BySchema(),
                        "the schema is "
                                + pattern.orElseThrow().tenantOf(name.schema()).orElseThrow() + "'s"
                                + (others == 0
                                        ? "; no other tenant has this table"
                                        : ", and " + Counted.of(others, "other tenant") + " have this table too")));
            }
        }
        return proposals;
    }
}
