package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.OtherRelation;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How much of a database is covered: what each table is, how tables hang together, and the share of rows whose tenant
 * is known.
 *
 * @param tables all tables, views and what else looks like one, by name
 * @param edges for a picture; partitions and children by inheritance have none of their own
 */
public record CoverageReport(List<Line> tables, List<Edge> edges, Totals totals) {
    /**
     * One table.
     *
     * @param rule empty for what is no table of the user's own
     * @param root the table it is a part of
     * @param estimatedRows about so many, by the planner's statistics or by a sample; 0 for a table whose parts hold
     *     them, and for views
     */
    public record Line(
            TableName table,
            TableClass tableClass,
            Optional<TableRule> rule,
            Optional<TableName> root,
            long estimatedRows,
            String reason,
            List<String> warnings,
            List<Proposal.Alternative> alternatives,
            List<String> evidence) {}

    /** What makes one table hang on another. */
    public enum Link {
        FOREIGN_KEY,
        /** A polymorphic reference: a column names the table. */
        TYPE,
        /** Only a column's name. */
        NAME
    }

    /**
     * A reference between two tables.
     *
     * @param name the constraint's, or the type's text; empty for a name
     * @param way whether the rule of {@code from} goes this way
     */
    public record Edge(TableName from, TableName to, Link link, List<String> columns, String name, boolean way) {}

    /**
     * Sums over tables that hold rows themselves.
     *
     * @param tables how many there are of each class, partitions and children by inheritance not counted
     * @param rows of each class, a part's under its root's class
     * @param covered rows that come back with a tenant or belong to shared tables
     * @param ignored rows of tables that are not captured, by decision or name
     * @param all all rows
     */
    public record Totals(
            Map<TableClass, Integer> tables, Map<TableClass, Long> rows, long covered, long ignored, long all) {
        public Totals {
            tables = Map.copyOf(tables);
            rows = Map.copyOf(rows);
        }

        /** From 0 to 1: covered rows of those that are not ignored; 1 when there are none. */
        public double shareCovered() {
            long wanted = all - ignored;
            return wanted == 0 ? 1 : (double) covered / wanted;
        }
    }

    public CoverageReport {
        tables = List.copyOf(tables);
        edges = List.copyOf(edges);
    }

    /** With the planner's estimates of rows. */
    public static CoverageReport of(Catalogue catalogue, List<Proposal> proposals) {
        return of(catalogue, proposals, Map.of());
    }

    /** @param rows better estimates for some tables, such as {@link DataChecks} makes */
    public static CoverageReport of(Catalogue catalogue, List<Proposal> proposals, Map<TableName, Long> rows) {
        LogicalTables logical = new LogicalTables(catalogue);
        List<Line> lines = new ArrayList<>();
        for (Proposal proposal : proposals) {
            Table table = catalogue.require(proposal.table());
            TableName root = logical.rootOf(table.name());
            lines.add(new Line(
                    table.name(),
                    proposal.tableClass(),
                    Optional.of(proposal.rule()),
                    root.equals(table.name()) ? Optional.empty() : Optional.of(root),
                    table.kind() == Table.Kind.PARTITIONED
                            ? 0
                            : rows.getOrDefault(table.name(), Math.max(table.estimatedRows(), 0)),
                    proposal.reason(),
                    proposal.warnings(),
                    proposal.alternatives(),
                    proposal.evidence()));
        }
        catalogue.others().forEach(other -> lines.add(line(other)));
        lines.sort(Comparator.comparing(Line::table));
        return new CoverageReport(lines, edges(logical, proposals), totals(lines));
    }

    private static Line line(OtherRelation other) {
        TableClass tableClass = switch (other.kind()) {
            case VIEW, MATERIALISED_VIEW -> TableClass.DERIVED;
            case FOREIGN_TABLE -> TableClass.FOREIGN;
            case EXTENSION_TABLE -> TableClass.EXTENSION;
        };
        String reason = switch (other.kind()) {
            case VIEW -> "a view: its rows are other tables'";
            case MATERIALISED_VIEW -> "a materialised view: refresh it after a restore";
            case FOREIGN_TABLE -> "a foreign table: its rows are kept by the server " + other.of();
            case EXTENSION_TABLE -> "the extension " + other.of() + " owns it";
        };
        return new Line(
                other.name(),
                tableClass,
                Optional.empty(),
                Optional.empty(),
                0,
                reason,
                List.of(),
                List.of(),
                List.of());
    }

    private static Totals totals(List<Line> lines) {
        Map<TableClass, Integer> tables = new HashMap<>();
        Map<TableClass, Long> rows = new HashMap<>();
        long covered = 0;
        long ignored = 0;
        long all = 0;
        for (Line line : lines) {
            if (line.root().isEmpty()) {
                tables.merge(line.tableClass(), 1, Integer::sum);
            }
            if (line.rule().isPresent()) {
                TableClass ofRule = TableClass.of(line.rule().get());
                rows.merge(ofRule, line.estimatedRows(), Long::sum);
                all += line.estimatedRows();
                covered += line.rule().get().isOwned() || ofRule == TableClass.SHARED ? line.estimatedRows() : 0;
                ignored += ofRule == TableClass.IGNORED ? line.estimatedRows() : 0;
            }
        }
        return new Totals(tables, rows, covered, ignored, all);
    }

    private static List<Edge> edges(LogicalTables logical, List<Proposal> proposals) {
        Map<TableName, TableRule> rules = new HashMap<>();
        proposals.forEach(proposal -> rules.put(proposal.table(), proposal.rule()));
        Optional<TableName> tenantTable = proposals.stream()
                .filter(proposal -> proposal.tableClass() == TableClass.TENANT)
                .map(Proposal::table)
                .findFirst();
        Set<Edge> edges = new LinkedHashSet<>();
        for (Table table : logical.roots()) {
            TableRule rule = rules.getOrDefault(table.name(), new TableRule.Unmapped());
            Set<String> referencing = new HashSet<>();
            for (Table.ForeignKey key : logical.foreignKeys(table)) {
                TableName parent = logical.rootOf(key.referenced());
                referencing.addAll(key.columns());
                edges.add(new Edge(
                        table.name(), parent, Link.FOREIGN_KEY, key.columns(), key.name(), goes(rule, key, parent)));
            }
            if (rule instanceof TableRule.ByType type) {
                type.parentsByType()
                        .forEach((text, parent) -> edges.add(new Edge(
                                table.name(),
                                logical.rootOf(parent),
                                Link.TYPE,
                                List.of(type.typeColumn(), type.idColumn()),
                                text,
                                true)));
            }
            if (rule instanceof TableRule.ByColumn column
                    && !referencing.contains(column.column())
                    && tenantTable.isPresent()) {
                edges.add(new Edge(table.name(), tenantTable.get(), Link.NAME, List.of(column.column()), "", true));
            }
        }
        return List.copyOf(edges);
    }

    private static boolean goes(TableRule rule, Table.ForeignKey key, TableName parent) {
        return switch (rule) {
            case TableRule.ByColumn column -> key.columns().contains(column.column());
            default ->
                rule.paths().stream()
                        .anyMatch(path ->
                                (path.parent().equals(parent) || path.parent().equals(key.referenced()))
                                        && new HashSet<>(path.columns()).equals(new HashSet<>(key.columns())));
        };
    }
}
