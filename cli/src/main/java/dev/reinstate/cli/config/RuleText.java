package dev.reinstate.cli.config;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A table's rule as one line: {@code tenant id}, {@code column site_id}, {@code path issue_id -> public.issue}, {@code
 * path org, number -> public.invoice}, {@code shared}, {@code ignored}, {@code unmapped}. Unusual column names stand in
 * double quotes, as in SQL.
 */
public final class RuleText {
    public static final String FORMS =
            "tenant COLUMN, column COLUMN, path COLUMN[, COLUMN] -> SCHEMA.TABLE [(COLUMN[, COLUMN])],"
                    + " type COLUMN, COLUMN -> TYPE: SCHEMA.TABLE[, …], schema, shared, ignored or unmapped";

    private static final String NAME = "(\"(?:[^\"]|\"\")+\"|[^\\s,()\"]+)";
    private static final Pattern ONE_COLUMN = Pattern.compile("(tenant|column)\\s+" + NAME);
    private static final Pattern PATH =
            Pattern.compile("path\\s+(" + NAME + "(?:\\s*,\\s*" + NAME + ")*)\\s*->\\s*(\\S.*)");
    private static final Pattern UNIQUE_PARENT =
            Pattern.compile("(\\S.*?)\\s+\\((" + NAME + "(?:\\s*,\\s*" + NAME + ")*)\\)");
    private static final Pattern BY_TYPE =
            Pattern.compile("(type)\\s+" + NAME + "\\s*,\\s*" + NAME + "\\s*->\\s*(\\S.*)");
    private static final Pattern EACH_TYPE = Pattern.compile(
            "(\"(?:[^\"]|\"\")+\"|[^\\s,:\"]+)\\s*:\\s*(\"(?:[^\"]|\"\")+\"|[^\\s,\"]+)\\s*(?:,\\s*|$)");
    private static final Pattern EACH_NAME = Pattern.compile(NAME);
    private static final Pattern PLAIN_TABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*\\.[A-Za-z_][A-Za-z0-9_$]*");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");

    private RuleText() {}

    /** The rule, or empty when the text is none. */
    public static Optional<TableRule> parse(String text) {
        String rule = text.strip();
        return switch (rule) {
            case "shared" -> Optional.of(new TableRule.Shared());
            case "ignored" -> Optional.of(new TableRule.Ignored());
            case "unmapped" -> Optional.of(new TableRule.Unmapped());
            case "schema" -> Optional.of(new TableRule.BySchema());
            default -> oneColumn(rule).or(() -> path(rule)).or(() -> byType(rule));
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
        List<String> columns = names(matcher.group(1));
        String parent = matcher.group(matcher.groupCount()).strip();
        Matcher unique = UNIQUE_PARENT.matcher(parent);
        return Optional.of(
                unique.matches()
                        ? new TableRule.ByPath(columns, TableName.parse(unique.group(1)), names(unique.group(2)))
                        : new TableRule.ByPath(columns, TableName.parse(parent)));
    }

    private static List<String> names(String list) {
        List<String> names = new ArrayList<>();
        Matcher each = EACH_NAME.matcher(list);
        while (each.find()) {
            names.add(unquoted(each.group(1)));
        }
        return names;
    }

    private static Optional<TableRule> byType(String rule) {
        Matcher matcher = BY_TYPE.matcher(rule);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        SortedMap<String, TableName> parents = new TreeMap<>();
        Matcher each = EACH_TYPE.matcher(matcher.group(4));
        int at = 0;
        while (at < matcher.group(4).length() && each.find(at) && each.start() == at) {
            parents.put(unquoted(each.group(1)), TableName.parse(unquoted(each.group(2))));
            at = each.end();
        }
        return at == matcher.group(4).length()
                ? Optional.of(new TableRule.ByType(unquoted(matcher.group(2)), unquoted(matcher.group(3)), parents))
                : Optional.empty();
    }

    /** The text that {@link #parse} reads back as this rule. */
    public static String of(TableRule rule) {
        return switch (rule) {
            case TableRule.TenantTable tenant -> "tenant " + quoted(tenant.idColumn());
            case TableRule.ByColumn by -> "column " + quoted(by.column());
            case TableRule.ByPath path ->
                "path " + list(path.columns()) + " -> " + path.parent()
                        + (path.parentColumns().isEmpty() ? "" : " (" + list(path.parentColumns()) + ")");
            case TableRule.ByType type ->
                "type " + quoted(type.typeColumn()) + ", " + quoted(type.idColumn()) + " -> " + types(type);
            case TableRule.BySchema schema -> "schema";
            case TableRule.Shared shared -> "shared";
            case TableRule.Ignored ignored -> "ignored";
            case TableRule.Unmapped unmapped -> "unmapped";
        };
    }

    private static String types(TableRule.ByType rule) {
        return rule.parentsByType().entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ": "
                        + (PLAIN_TABLE.matcher(entry.getValue().toString()).matches()
                                ? entry.getValue()
                                : inQuotes(entry.getValue().toString())))
                .collect(Collectors.joining(", "));
    }

    private static String list(List<String> columns) {
        return String.join(", ", columns.stream().map(RuleText::quoted).toList());
    }

    private static String quoted(String name) {
        return PLAIN.matcher(name).matches() ? name : inQuotes(name);
    }

    private static String inQuotes(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }
}
