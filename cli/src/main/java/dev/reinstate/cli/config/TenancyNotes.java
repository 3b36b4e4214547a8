package dev.reinstate.cli.config;

import dev.reinstate.model.PatternRule;
import dev.reinstate.model.TableName;
import java.util.List;
import java.util.Map;

/**
 * What is written beside rules, for whoever reads them.
 *
 * @param reasons why a table has its rule
 * @param saidBy the tables that have their rule from a pattern
 */
public record TenancyNotes(Map<TableName, String> reasons, Map<PatternRule, List<TableName>> saidBy) {
    public TenancyNotes {
        reasons = Map.copyOf(reasons);
        saidBy = Map.copyOf(saidBy);
    }
}
