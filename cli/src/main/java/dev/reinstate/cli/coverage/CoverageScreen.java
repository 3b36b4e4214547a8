package dev.reinstate.cli.coverage;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.postgres.discovery.CoverageReport;
import dev.reinstate.postgres.discovery.TableClass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says on the terminal how much is covered, class by class, and then what to look at. */
public final class CoverageScreen {
    private static final int SHOWN = 25;

    /** In the order they are shown. */
    private static final Map<TableClass, String> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put(TableClass.TENANT, "tenant table");
        NAMES.put(TableClass.COLUMN, "by column");
        NAMES.put(TableClass.PATH, "by path");
        NAMES.put(TableClass.POLYMORPHIC, "by type");
        NAMES.put(TableClass.SCHEMA, "by schema");
        NAMES.put(TableClass.SHARED, "shared");
        NAMES.put(TableClass.IGNORED, "ignored");
        NAMES.put(TableClass.UNMAPPED, "unmapped");
        NAMES.put(TableClass.DERIVED, "views");
        NAMES.put(TableClass.EXTENSION, "of extensions");
        NAMES.put(TableClass.FOREIGN, "foreign");
    }

    private final Output output;

    public CoverageScreen(Output output) {
        this.output = output;
    }

    /** How much is covered, and what to look at. */
    public void show(Coverage coverage) {
        summary(coverage);
        lookAt(coverage);
    }

    /** How much is covered. */
    public void summary(Coverage coverage) {
        Terminal terminal = output.terminal();
        CoverageReport.Totals totals = coverage.report().totals();
        TextTable table = new TextTable()
                .text("whose rows")
                .number("tables")
                .number("rows, about")
                .number("share")
                .text("for example");
        NAMES.forEach((tableClass, name) -> {
            int tables = totals.tables().getOrDefault(tableClass, 0);
            if (tables > 0) {
                boolean bad = tableClass == TableClass.UNMAPPED;
                long rows = totals.rows().getOrDefault(tableClass, 0L);
                table.row(
                        bad ? terminal.onOut(Terminal.Style.BAD, name) : name,
                        Amounts.count(tables),
                        holdsRows(tableClass) ? Amounts.count(rows) : "",
                        holdsRows(tableClass) && totals.all() > 0
                                ? Coverage.percent((double) rows / totals.all()) + " %"
                                : "",
                        examples(coverage, tableClass));
            }
        });
        output.table(table);
        terminal.line("");
        terminal.line(share(coverage));
    }

    private static boolean holdsRows(TableClass tableClass) {
        return switch (tableClass) {
            case PARTITION, DERIVED, EXTENSION, FOREIGN -> false;
            default -> true;
        };
    }

    private static String examples(Coverage coverage, TableClass tableClass) {
        List<String> all = coverage.report().tables().stream()
                .filter(line -> line.tableClass() == tableClass)
                .map(line -> line.table().toString())
                .toList();
        return String.join(", ", all.stream().limit(2).toList()) + (all.size() > 2 ? ", …" : "");
    }

    private String share(Coverage coverage) {
        CoverageReport.Totals totals = coverage.report().totals();
        long wanted = totals.all() - totals.ignored();
        if (wanted == 0) {
            return "Nothing is known of how many rows there are: run ANALYZE for estimates.";
        }
        String share = Coverage.percent(totals.shareCovered()) + " %";
        int unmapped = totals.tables().getOrDefault(TableClass.UNMAPPED, 0);
        Terminal.Style style = totals.covered() == wanted && unmapped == 0 ? Terminal.Style.GOOD : Terminal.Style.WARN;
        return output.terminal().onOut(style, share) + " of about " + Amounts.count(wanted, "row")
                + " come back with their tenant or are kept as shared"
                + (totals.ignored() > 0
                        ? "; about " + Amounts.count(totals.ignored()) + " more are in ignored tables"
                        : "")
                + (unmapped > 0
                        ? "; " + Amounts.count(unmapped, "table") + (unmapped == 1 ? " is" : " are") + " unmapped"
                        : "")
                + ".";
    }

    private void lookAt(Coverage coverage) {
        Terminal terminal = output.terminal();
        List<String> lines = coverage.report().tables().stream()
                .filter(line -> line.root().isEmpty())
                .flatMap(line -> line.warnings().stream()
                        .map(warning ->
                                terminal.onOut(Terminal.Style.WARN, "look at ") + line.table() + ": " + warning))
                .toList();
        if (!lines.isEmpty()) {
            terminal.line("");
            lines.stream().limit(SHOWN).forEach(terminal::line);
            if (lines.size() > SHOWN) {
                terminal.line("and " + (lines.size() - SHOWN) + " more, which the report lists");
            }
        }
    }
}
