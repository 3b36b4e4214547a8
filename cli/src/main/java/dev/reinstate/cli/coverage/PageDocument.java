package dev.reinstate.cli.coverage;

import dev.reinstate.cli.config.RuleText;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.model.PatternRule;
import dev.reinstate.model.SchemaPattern;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.discovery.CoverageReport;
import dev.reinstate.postgres.discovery.Proposal;
import dev.reinstate.postgres.discovery.TableClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The data of the page. Partitions are parts of their table, and where every tenant has a schema, the tables of one name
 * are one.
 *
 * @param rows about so many, without ignored ones
 * @param share of rows covered, in percent
 * @param tableShare of tables that have a rule, in percent
 */
record PageDocument(
        String database,
        String tenants,
        String made,
        long rows,
        long ignoredRows,
        String share,
        String tableShare,
        List<Node> tables) {

    /**
     * A table, or all of one name.
     *
     * @param kind one of the page's classes
     * @param pattern the rule for many tables it comes under; empty when it has one of its own
     * @param rows about so many; -1 when nothing is known
     * @param count how many tables it stands for
     * @param parts what it is made of, in words
     * @param follows tables whose rows decide
     * @param references other tables it refers to
     */
    record Node(
            String table,
            String schema,
            String name,
            String kind,
            String rule,
            String pattern,
            long rows,
            int count,
            String parts,
            List<String> reasons,
            List<String> warnings,
            List<String> evidence,
            List<String> alternatives,
            Collection<String> follows,
            Collection<String> references,
            Collection<String> columns) {}

    static PageDocument of(Coverage coverage) {
        CoverageReport.Totals totals = coverage.report().totals();
        List<Node> nodes = new Nodes(coverage).nodes();
        long mappable =
                nodes.stream().filter(node -> !node.kind().equals("derived")).count();
        long mapped = nodes.stream()
                .filter(node -> !node.kind().equals("derived") && !node.kind().equals("unmapped"))
                .count();
        return new PageDocument(
                coverage.database(),
                coverage.tenants(),
                Amounts.time(coverage.lookedAt()),
                totals.all() - totals.ignored(),
                totals.ignored(),
                Coverage.percent(totals.shareCovered()),
                Coverage.percent(mappable == 0 ? 1 : (double) mapped / mappable),
                nodes);
    }

    /** Gathers lines into nodes. */
    private static final class Nodes {
        private final Coverage coverage;
        private final SaidRules said;
        private final Map<String, List<CoverageReport.Line>> grouped = new TreeMap<>();
        private final Map<TableName, List<CoverageReport.Line>> parts = new LinkedHashMap<>();
        private final Map<String, Set<String>> follows = new LinkedHashMap<>();
        private final Map<String, Set<String>> references = new LinkedHashMap<>();

        Nodes(Coverage coverage) {
            this.coverage = coverage;
            this.said = new SaidRules(coverage.rules(), coverage.catalogue());
            for (CoverageReport.Line line : coverage.report().tables()) {
                if (line.root().isPresent()) {
                    parts.computeIfAbsent(line.root().get(), root -> new ArrayList<>())
                            .add(line);
                } else {
                    grouped.computeIfAbsent(id(line), id -> new ArrayList<>()).add(line);
                }
            }
            Map<TableName, String> ids = new LinkedHashMap<>();
            grouped.forEach((id, lines) -> lines.forEach(line -> ids.put(line.table(), id)));
            for (CoverageReport.Edge edge : coverage.report().edges()) {
                String from = ids.get(edge.from());
                String to = ids.get(edge.to());
                if (from != null && to != null) {
                    (edge.way() ? follows : references)
                            .computeIfAbsent(from, id -> new LinkedHashSet<>())
                            .add(to);
                }
            }
        }

        private String id(CoverageReport.Line line) {
            return schemas(line)
                    .map(pattern -> pattern.text() + "." + line.table().name())
                    .orElse(line.table().toString());
        }

        private Optional<SchemaPattern> schemas(CoverageReport.Line line) {
            return coverage.rules()
                    .tenantSchemas()
                    .filter(pattern -> line.tableClass() == TableClass.SCHEMA)
                    .filter(pattern -> pattern.tenantOf(line.table().schema()).isPresent());
        }

        List<Node> nodes() {
            return grouped.entrySet().stream()
                    .map(entry -> node(entry.getKey(), entry.getValue()))
                    .toList();
        }

        private Node node(String id, List<CoverageReport.Line> lines) {
            CoverageReport.Line first = lines.getFirst();
            List<CoverageReport.Line> below = lines.stream()
                    .flatMap(line -> parts.getOrDefault(line.table(), List.of()).stream())
                    .toList();
            List<CoverageReport.Line> all = new ArrayList<>(lines);
            all.addAll(below);
            boolean counted = all.stream().anyMatch(coverage::isCounted);
            return new Node(
                    id,
                    schemas(first).map(SchemaPattern::text).orElse(first.table().schema()),
                    first.table().name(),
                    kind(first.tableClass()),
                    first.rule().map(RuleText::of).orElse("never captured"),
                    said.of(first.table())
                            .flatMap(SaidRules.Said::pattern)
                            .map(PatternRule::tables)
                            .map(Object::toString)
                            .orElse(""),
                    counted
                            ? all.stream()
                                    .mapToLong(CoverageReport.Line::estimatedRows)
                                    .sum()
                            : -1,
                    lines.size(),
                    parts(lines.size(), below),
                    List.of(first.reason()),
                    distinct(lines.stream().map(CoverageReport.Line::warnings).toList()),
                    distinct(lines.stream().map(CoverageReport.Line::evidence).toList()),
                    first.alternatives().stream()
                            .map(Proposal.Alternative::reason)
                            .toList(),
                    follows.getOrDefault(id, Set.of()),
                    references.getOrDefault(id, Set.of()),
                    columns(first.table()));
        }

        private static List<String> distinct(List<List<String>> texts) {
            return texts.stream().flatMap(List::stream).distinct().limit(20).toList();
        }

        private String parts(int schemas, List<CoverageReport.Line> below) {
            long partitions = below.stream()
                    .filter(line -> coverage.catalogue()
                            .table(line.table())
                            .filter(table -> table.kind() == Table.Kind.PARTITION)
                            .isPresent())
                    .count();
            String inherited = below.size() > partitions ? below.size() - partitions + " inherit from it" : "";
            String parted = partitions > 0 ? partitions + (partitions == 1 ? " partition" : " partitions") : inherited;
            return schemas > 1 ? "in " + schemas + " schemas" + (parted.isEmpty() ? "" : ", " + parted) : parted;
        }

        private Collection<String> columns(TableName table) {
            return coverage.catalogue()
                    .table(table)
                    .map(found -> found.columns().stream()
                            .map(Table.TableColumn::name)
                            .toList())
                    .orElse(List.of());
        }
    }

    /** The page's name of a class. */
    static String kind(TableClass tableClass) {
        return switch (tableClass) {
            case TENANT -> "tenant";
            case COLUMN -> "column";
            case PATH -> "path";
            case POLYMORPHIC -> "type";
            case SCHEMA -> "schema";
            case SHARED -> "shared";
            case IGNORED -> "ignored";
            case UNMAPPED -> "unmapped";
            case PARTITION, DERIVED, EXTENSION, FOREIGN -> "derived";
        };
    }
}
