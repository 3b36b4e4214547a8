package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.discovery.Preflight;
import java.util.ArrayList;
import java.util.List;

/** Says what the source must have before it can be protected, and the SQL for what is missing. */
final class SourceNeeds {
    private final Output output;
    private final List<Preflight.Finding> findings;

    SourceNeeds(Output output, List<Preflight.Finding> findings) {
        this.output = output;
        this.findings = List.copyOf(findings);
    }

    void show() {
        Terminal terminal = output.terminal();
        terminal.line("");
        TextTable table = new TextTable().text("the source must").text("").text("found");
        for (Preflight.Finding finding : findings) {
            table.row(finding.need(), status(finding.status()), finding.found());
        }
        output.table(table);
        List<String> sql = findings.stream()
                .flatMap(finding -> finding.sql().stream())
                .distinct()
                .toList();
        if (!sql.isEmpty()) {
            terminal.line("");
            terminal.line("For the owner of the tables or a DBA:");
            sql.forEach(statement -> terminal.line("    " + statement));
        }
    }

    private String status(Preflight.Status status) {
        return switch (status) {
            case OK -> output.terminal().onOut(Terminal.Style.GOOD, "ok");
            case DEGRADED -> output.terminal().onOut(Terminal.Style.WARN, "degraded");
            case MISSING -> output.terminal().onOut(Terminal.Style.BAD, "missing");
        };
    }

    /** {@code REFUSED} when something is missing. */
    void require(String database) {
        List<String> details = new ArrayList<>();
        findings.stream()
                .filter(finding -> finding.status() == Preflight.Status.MISSING)
                .forEach(finding -> {
                    details.add(finding.need() + ": " + finding.found());
                    finding.sql().forEach(statement -> details.add("    " + statement));
                });
        if (!details.isEmpty()) {
            throw new ReinstateException(
                    FailureKind.REFUSED,
                    database + " cannot be protected yet",
                    "what is listed below is missing",
                    "have the statements run by an owner or DBA, then run `reinstate protect`: the configuration is"
                            + " written",
                    details,
                    null);
        }
    }
}
