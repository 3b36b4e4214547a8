package dev.reinstate.model;

import java.util.Set;

/** The rule of all tables that a pattern names and that have the rule's columns. */
public record PatternRule(TablePattern tables, TableRule rule) {
    public PatternRule {
        if (rule instanceof TableRule.TenantTable || rule instanceof TableRule.Unmapped) {
            throw ReinstateException.invalid(
                    "The rule of " + tables + " is not one for many tables",
                    "there is one tenant table, and what is unmapped is decided table by table",
                    "list the table by its name");
        }
    }

    /** Whether it is the rule of that table, unless another comes first. */
    public boolean fits(TableName table, Set<String> columns) {
        return columns.containsAll(rule.ownerColumns()) && tables.matches(table);
    }
}
