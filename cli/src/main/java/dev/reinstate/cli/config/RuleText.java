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
 * path code -> public.invoice (code)}, {@code path post_id -> public.post else path task_id -> public.task}, {@code type owner_type, owner_id -> Post: public.post, Blog::Page: public.page},
 * {@code schema}, {@code shared}, {@code ignored}, {@code unmapped}. Unusual names stand in double quotes, as in SQL: a
 * double quote in them is written twice, everything else as it is.
 */
public final class RuleText {
    public static final String FORMS =
            "tenant COLUMN, column COLUMN, path COLUMN[, COLUMN] -> SCHEMA.TABLE [(COLUMN[, COLUMN])]"
                    + " [else path …],"
                    + " type COLUMN, COLUMN -> TYPE: SCHEMA.TABLE[, …], schema, shared, ignored or unmapped";

    private static final String QUOTED = "\"(?:[^\"]++|\"\")*+\"";
    private static final String NAME = "(" + QUOTED + "|[^\\s,()\"]+)";
    private static final String NAMES = "(" + NAME + "(?:\\s*,\\s*" + NAME + ")*)";
    private static final Pattern ONE_COLUMN = Pattern.compile("(tenant|column)\\s+" + NAME);
    private static final Pattern PATH = Pattern.compile("path\\s+" + NAMES + "\\s*->\\s*(\\S.*)", Pattern.DOTALL);
    private static final Pattern PARENT =
            Pattern.compile("(" + QUOTED + "|[^\\s\"].*?)(?:\\s+\\(" + NAMES + "\\))?", Pattern.DOTALL);
    private static final Pattern ELSE = Pattern.compile(QUOTED + "|(\\s+else\\s+)(?=path\\s)");
    private static final Pattern BY_TYPE =
            Pattern.compile("type\\s+" + NAME + "\\s*,\\s*" + NAME + "\\s*->\\s*(\\S.*)", Pattern.DOTALL);
    private static final Pattern EACH_TYPE = Pattern.compile(
            "(" + QUOTED + "|(?:[^\\s,:\"]|:(?=\\S))+)\\s*:\\s*(" + QUOTED + "|[^\\s,\"]+)\\s*(?:,\\s*|$)");
    private static final Pattern EACH_NAME = Pattern.compile(NAME);
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");
    private static final Pattern PLAIN_TABLE = Pattern.compile(PLAIN + "\\." + PLAIN);
    private static final Pattern PLAIN_TYPE = Pattern.compile("[A-Za-z0-9_$./\\\\-]+(?:::?[A-Za-z0-9_$./\\\\-]+)*");

    private RuleText() {}

    /** The rule, or empty when the text is none. */
    public static Optional<TableRule> parse(String text) {
        String rule = text.strip();
        return switch (rule) {
            case "shared" -> Optional.of(new TableRule.Shared());
            case "ignored" -> Optional.of(new TableRule.Ignored());
            case "unmapped" -> Optional.of(new TableRule.Unmapped());
            case "schema" -> Optional.of(new TableRule.BySchema());
            default -> oneColumn(rule).or(() -> paths(rule)).or(() -> byType(rule));
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

    /** One path, or several with {@code else} between, which no quoted name ends in. */
    private static Optional<TableRule> paths(String rule) {
        List<TableRule.ByPath> paths = new ArrayList<>();
        Matcher between = ELSE.matcher(rule);
        int from = 0;
        while (between.find()) {
            if (between.group(1) != null) {
                Optional<TableRule.ByPath> path = path(rule.substring(from, between.start()));
                if (path.isEmpty()) {
                    return Optional.empty();
                }
                paths.add(path.get());
                from = between.end();
            }
        }
        Optional<TableRule.ByPath> last = path(rule.substring(from));
        return last.map(path -> {
            paths.add(path);
            return paths.size() == 1 ? path : new TableRule.ByPaths(paths);
        });
    }

    private static Optional<TableRule.ByPath> path(String rule) {
        Matcher matcher = PATH.matcher(rule);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Matcher parent = PARENT.matcher(matcher.group(matcher.groupCount()).strip());
        return parent.matches()
                ? Optional.of(new TableRule.ByPath(
                        names(matcher.group(1)),
                        TableName.parse(unquoted(parent.group(1))),
                        parent.group(2) == null ? List.of() : names(parent.group(2))))
                : Optional.empty();
    }

    /** The names of a list with commas between; what is not a name is skipped. */
    static List<String> names(String list) {
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
        String list = matcher.group(3);
        Matcher each = EACH_TYPE.matcher(list);
        int at = 0;
        while (at < list.length() && each.find(at) && each.start() == at) {
            if (parents.put(unquoted(each.group(1)), TableName.parse(unquoted(each.group(2)))) != null) {
                return Optional.empty();
            }
            at = each.end();
        }
        return at == list.length()
                ? Optional.of(new TableRule.ByType(unquoted(matcher.group(1)), unquoted(matcher.group(2)), parents))
                : Optional.empty();
    }

    /** The text that {@link #parse} reads back as this rule. */
    public static String of(TableRule rule) {
        return switch (rule) {
            case TableRule.TenantTable tenant -> "tenant " + quoted(tenant.idColumn());
            case TableRule.ByColumn by -> "column " + quoted(by.column());
            case TableRule.ByPath path -> of(path);
            case TableRule.ByPaths several ->
                several.paths().stream().map(RuleText::of).collect(Collectors.joining(" else "));
            case TableRule.ByType type ->
                "type " + quoted(type.typeColumn()) + ", " + quoted(type.idColumn()) + " -> " + types(type);
            case TableRule.BySchema schema -> "schema";
            case TableRule.Shared shared -> "shared";
            case TableRule.Ignored ignored -> "ignored";
            case TableRule.Unmapped unmapped -> "unmapped";
        };
    }

    private static String of(TableRule.ByPath path) {
        return "path " + list(path.columns()) + " -> " + table(path.parent())
                + (path.parentColumns().isEmpty() ? "" : " (" + list(path.parentColumns()) + ")");
    }

    private static String types(TableRule.ByType rule) {
        return rule.parentsByType().entrySet().stream()
                .map(entry -> quoted(entry.getKey(), PLAIN_TYPE) + ": " + table(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String table(TableName name) {
        return quoted(name.toString(), PLAIN_TABLE);
    }

    static String list(List<String> columns) {
        return String.join(", ", columns.stream().map(RuleText::quoted).toList());
    }

    private static String quoted(String name) {
        return quoted(name, PLAIN);
    }

    private static String quoted(String name, Pattern plain) {
        return plain.matcher(name).matches() ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }
}
