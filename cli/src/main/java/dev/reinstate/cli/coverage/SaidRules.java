package dev.reinstate.cli.coverage;

import dev.reinstate.model.PatternRule;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Catalogue;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a configuration says of each table and where it says it, also when it contradicts itself elsewhere. */
final class SaidRules {
    /**
     * The rule of a table.
     *
     * @param pattern the rule for many tables that fits it
     * @param own whether the table, or the one it is a partition of, has an entry of its own; neither: its schema
     */
    record Said(TableRule rule, Optional<PatternRule> pattern, boolean own) {
        /** Where in the configuration, for people. */
        String place() {
            return pattern.map(found -> "the rule for " + found.tables())
                    .orElse(own ? "its entry" : "its schema's name");
        }
    }

    private final TenancyRules rules;
    private final Map<TableName, TenancyRules.Member> members = new HashMap<>();

    SaidRules(TenancyRules rules, Catalogue catalogue) {
        this.rules = rules;
        catalogue.members().forEach(member -> members.put(member.name(), member));
    }

    /** Empty for tables that no rule fits. */
    Optional<Said> of(TableName table) {
        return own(table)
                .or(() -> Optional.ofNullable(members.get(table))
                        .map(member -> members.getOrDefault(member.root(), member))
                        .flatMap(
                                root -> own(root.name()).or(() -> pattern(root)).or(() -> schema(root.name()))));
    }

    private Optional<Said> own(TableName table) {
        return Optional.ofNullable(rules.tables().get(table)).map(rule -> new Said(rule, Optional.empty(), true));
    }

    private Optional<Said> pattern(TenancyRules.Member table) {
        return rules.patterns().stream()
                .filter(pattern -> pattern.fits(table.name(), table.columns()))
                .findFirst()
                .map(pattern -> new Said(pattern.rule(), Optional.of(pattern), false));
    }

    private Optional<Said> schema(TableName table) {
        return rules.tenantSchemas()
                .flatMap(schemas -> schemas.tenantOf(table.schema()))
                .map(tenant -> new Said(new TableRule.BySchema(), Optional.empty(), false));
    }
}
