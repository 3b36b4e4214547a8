package dev.reinstate.cli.config;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table's rule as one line: {@code tenant id}, {@code column site_id}, {@code path issue_id -> public.issue}, {@code
 * path org, number -> public.invoice}, {@code shared}, {@code ignored}, {@code unmapped}. Unusual column names stand in
 * double quotes, as in SQL.
 */
public final class RuleText {
    public static final String FORMS =
            "tenant COLUMN, column COLUMN, path COLUMN[, COLUMN] -> SCHEMA.TABLE, shared, ignored or unmapped";

    private static final String NAME = "(\"(?:[^\"]|\"\")+\"|[^\\s,\"]+)";
    private static final Pattern ONE_COLUMN = Pattern.compile("(tenant|column)\\s+" + NAME);
    private static final Pattern PATH =
            Pattern.compile("path\\s+(" + NAME + "(?:\\s*,\\s*" + NAME + ")*)\\s*->\\s*(\\S.*)");
    private static final Pattern EACH_NAME = Pattern.compile(NAME);
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");

    private RuleText() {}

    /** The rule, or empty when the text is none. */
    public static Optional<TableRule> parse(String text) {
        String rule = text.strip();
        return switch (rule) {
            case "shared" -> Optional.of(new TableRule.Shared());
            case "ignored" -> Optional.of(new TableRule.Ignored());
            case "unmapped" -> Optional.of(new TableRule.Unmapped());
            default -> oneColumn(rule).or(() -> path(rule));
        };
    }

    private static Optional<TableRule> oneColumn(String rule) {
        Matcher matcher = ONE_COLUMN.matcher(rule);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String column = unquoted(matcher.group(2));
        return Optional.of(
                matcher.group(1).equals("tenant") ? new TableRule.TenantTable(column) : new TableRule.ByColumn(column));
    }

    private static Optional<TableRule> path(String rule) {
        Matcher matcher = PATH.matcher(rule);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        List<String> columns = new ArrayList<>();
        Matcher each = EACH_NAME.matcher(matcher.group(1));
        while (each.find()) {
            columns.add(unquoted(each.group(1)));
        }
        String parent = matcher.group(matcher.groupCount()).strip();
        return Optional.of(new TableRule.ByPath(columns, TableName.parse(parent)));
    }

    /** The text that {@link #parse} reads back as this rule. */
    public static String of(TableRule rule) {
        return switch (rule) {
            case TableRule.TenantTable tenant -> "tenant " + quoted(tenant.idColumn());
            case TableRule.ByColumn by -> "column " + quoted(by.column());
            case TableRule.ByPath path -> "path " + list(path.columns()) + " -> " + path.parent();
            case TableRule.Shared shared -> "shared";
            case TableRule.Ignored ignored -> "ignored";
            case TableRule.Unmapped unmapped -> "unmapped";
        };
    }

    private static String list(List<String> columns) {
        return String.join(", ", columns.stream().map(RuleText::quoted).toList());
    }

    private static String quoted(String name) {
        return PLAIN.matcher(name).matches() ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }
}
