package dev.reinstate.cli.config;

import dev.reinstate.model.PatternRule;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The part of {@code reinstate.yaml} that says whose rows are whose: few rules, then what they do not say, by kind. */
final class TenancyText {
    private static final int NAMED = 3;

    /** What is spelled out, in this order, each under its own heading. */
    private enum Kind {
        UNMAPPED("Decide: whose rows do these hold? `column …`, `path …`, `shared`, or `ignored`."),
        TENANT("One row a tenant."),
        COLUMN("A column holds the tenant."),
        PATH("Rows belong where the row belongs that they refer to."),
        TYPE("Rows belong where the row belongs that they refer to, in a table that a column names."),
        SCHEMA("The schema is the tenant's."),
        SHARED("Of all tenants: kept; written by a restore only where it is asked to bring back what rows refer to."),
        IGNORED("Not captured.");

        private final String heading;

        Kind(String heading) {
            this.heading = heading;
        }

        static Kind of(TableRule rule) {
            return switch (rule) {
                case TableRule.TenantTable tenant -> TENANT;
                case TableRule.ByColumn column -> COLUMN;
                case TableRule.ByPath path -> PATH;
                case TableRule.ByPaths paths -> PATH;
                case TableRule.ByType type -> TYPE;
                case TableRule.BySchema schema -> SCHEMA;
                case TableRule.Shared shared -> SHARED;
                case TableRule.Ignored ignored -> IGNORED;
                case TableRule.Unmapped unmapped -> UNMAPPED;
            };
        }
    }

    private final TenancyRules tenancy;
    private final TenancyNotes notes;
    private final StringBuilder yaml = new StringBuilder();

    private TenancyText(TenancyRules tenancy, TenancyNotes notes) {
        this.tenancy = tenancy;
        this.notes = notes;
    }

    static String of(TenancyRules tenancy, TenancyNotes notes) {
        return new TenancyText(tenancy, notes).text();
    }

    private String text() {
        line(0, "# Whose rows are whose. A rule is one of");
        line(0, "#   column COLUMN                         the column holds the tenant's id");
        line(
                0,
                "#   path COLUMN, … -> SCHEMA.TABLE        rows belong where the row of that key belongs; (COLUMN, …) after");
        line(0, "#                                         the table: that other unique key");
        line(
                0,
                "#   type COLUMN, COLUMN -> TYPE: SCHEMA.TABLE, …   the first column names the table, the second its key");
        line(0, "#   shared, ignored, unmapped; tenant COLUMN for the tenant table; schema under tenantSchemas");
        line(0, "tenancy:");
        tenancy.tenantTable().ifPresent(table -> line(1, "tenantTable: " + YamlText.scalar(table.toString())));
        tenancy.tenantSchemas().ifPresent(schemas -> {
            line(1, "# Each tenant has a schema of this name; its tables need no rule.");
            line(1, "tenantSchemas: " + YamlText.scalar(schemas.text()));
        });
        if (!tenancy.exclusions().isEmpty()) {
            line(
                    1,
                    "# Columns that are never archived; a restore leaves them as they are, and new rows get their defaults.");
            line(1, "exclude:");
            tenancy.exclusions()
                    .forEach(exclusion -> line(
                            2,
                            "- " + YamlText.quoted(exclusion.tables().text()) + ": "
                                    + YamlText.quoted(RuleText.list(exclusion.columns()))));
        }
        if (!tenancy.patterns().isEmpty()) {
            patterns();
        }
        if (!tenancy.tables().isEmpty()) {
            tables();
        }
        return yaml.toString();
    }

    private void patterns() {
        line(1, "# For every table that is not listed by name below, also one created later: the first of these that");
        line(1, "# fits its name and whose columns it has.");
        line(1, "rules:");
        for (PatternRule pattern : tenancy.patterns()) {
            List<TableName> said = notes.saidBy().getOrDefault(pattern, List.of());
            if (!said.isEmpty()) {
                line(2, YamlText.comment(naming(said)));
            }
            line(
                    2,
                    "- " + YamlText.quoted(pattern.tables().text()) + ": "
                            + YamlText.scalar(RuleText.of(pattern.rule())));
        }
    }

    private static String naming(List<TableName> tables) {
        String some = tables.stream().limit(NAMED).map(TableName::toString).collect(Collectors.joining(", "));
        return tables.size() == 1
                ? some
                : tables.size() + " tables: " + some
                        + (tables.size() > NAMED ? " and " + (tables.size() - NAMED) + " more" : "");
    }

    private void tables() {
        line(
                1,
                "# Tables of their own rule. One that fits no rule above and is not here is reported by `reinstate status`");
        line(1, "# and `reinstate init --check`, and not captured until it is.");
        line(1, "tables:");
        for (Kind kind : Kind.values()) {
            Map<TableName, TableRule> some = tenancy.tables().entrySet().stream()
                    .filter(entry -> Kind.of(entry.getValue()) == kind)
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> b, TreeMap::new));
            if (!some.isEmpty()) {
                line(2, YamlText.comment(kind.heading));
                some.forEach(this::table);
            }
        }
    }

    private void table(TableName table, TableRule rule) {
        String reason = Optional.ofNullable(notes.reasons().get(table))
                .map(text -> "  " + YamlText.comment(text))
                .orElse("");
        line(2, YamlText.scalar(table.toString()) + ": " + YamlText.scalar(RuleText.of(rule)) + reason);
    }

    private void line(int depth, String text) {
        yaml.append("  ".repeat(depth)).append(text).append('\n');
    }
}
