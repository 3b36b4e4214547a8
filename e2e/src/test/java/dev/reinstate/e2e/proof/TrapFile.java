package dev.reinstate.e2e.proof;

import dev.reinstate.cli.config.RuleText;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TablePattern;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One trap, as a file that a DBA can read: what it is about; the {@code rules}; the {@code setup}; the {@code history},
 * each statement ending with {@code ;} at a line's end, behind {@code n>} when it is session n's and {@code n!} when the
 * server is to refuse it, {@code @} what happens to capture; and what the archive then says of every {@code tenant}: the
 * changes, by the number of their transaction, and behind {@code =} the rows there are at the end in tables that were
 * altered; and of those tables between which transactions their rows were {@code uncertain}.
 *
 * @param requires the oldest major that has what it is about
 */
record TrapFile(
        Path file, OptionalInt requires, TenancyRules rules, List<String> setup, List<Line> history, String expected) {
    private static final String RULES = "rules:";
    private static final String SETUP = "setup:";
    private static final String HISTORY = "history:";
    private static final String EXPECTED = "tenants:";

    /** A statement of a session, or, of {@link Step#CAPTURE}, what happens to capture. */
    record Line(int session, boolean refused, String text) {}

    /** Whether it is about what capture finds by looking at the tables. */
    boolean looksAtTables() {
        return history.stream().anyMatch(line -> line.text().equals(Step.SETTLE.sql()));
    }

    static TrapFile read(Path file) throws IOException {
        Map<String, List<String>> parts = new LinkedHashMap<>();
        List<String> part = parts.computeIfAbsent("", name -> new ArrayList<>());
        for (String line : Files.readAllLines(file)) {
            if (List.of(RULES, SETUP, HISTORY, EXPECTED).contains(line)) {
                part = parts.computeIfAbsent(line, name -> new ArrayList<>());
            } else {
                part.add(line);
            }
        }
        OptionalInt requires = parts.getOrDefault("", List.of()).stream()
                .filter(line -> line.startsWith("requires: "))
                .mapToInt(line -> Integer.parseInt(line.substring("requires: ".length())))
                .findFirst();
        return new TrapFile(
                file,
                requires,
                rules(parts.getOrDefault(RULES, List.of())),
                statements(parts.getOrDefault(SETUP, List.of())).stream()
                        .map(Line::text)
                        .toList(),
                statements(parts.getOrDefault(HISTORY, List.of())),
                String.join("\n", parts.getOrDefault(EXPECTED, List.of())).strip());
    }

    private static TenancyRules rules(List<String> lines) {
        SortedMap<TableName, TableRule> rules = new TreeMap<>();
        Optional<SchemaPattern> schemas = Optional.empty();
        List<PatternRule> patterns = new ArrayList<>();
        for (String line : lines) {
            int colon = line.indexOf(": ");
            if (colon < 0) {
                continue;
            }
            String table = line.substring(0, colon).strip();
            String rule = line.substring(colon + 2).strip();
            if (table.equals("tenantSchemas")) {
                schemas = Optional.of(new SchemaPattern(rule));
            } else if (table.contains("*")) {
                patterns.add(new PatternRule(
                        new TablePattern(table), RuleText.parse(rule).orElseThrow()));
            } else {
                rules.put(TableName.parse(table), RuleText.parse(rule).orElseThrow());
            }
        }
        Optional<TableName> tenantTable = rules.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof TableRule.TenantTable)
                .map(Map.Entry::getKey)
                .findFirst();
        rules.put(new TableName(OwnerLedger.SCHEMA, "marker"), new TableRule.Shared());
        return new TenancyRules(tenantTable, schemas, patterns, rules);
    }

    private static List<Line> statements(List<String> lines) {
        List<Line> statements = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        int session = 1;
        boolean refused = false;
        for (String line : lines) {
            String text = line;
            if (open.isEmpty()) {
                if (line.isBlank() || line.startsWith("--")) {
                    continue;
                }
                if (line.startsWith("@ ")) {
                    statements.add(new Line(Step.CAPTURE, false, line.substring(2)));
                    continue;
                }
                boolean marked = line.matches("\\d[>!] .*");
                session = marked ? line.charAt(0) - '0' : 1;
                refused = marked && line.charAt(1) == '!';
                text = marked ? line.substring(3) : line;
            } else {
                open.append('\n');
            }
            open.append(text);
            if (text.endsWith(";")) {
                statements.add(new Line(session, refused, open.substring(0, open.length() - 1)));
                open.setLength(0);
            }
        }
        return statements;
    }
}
