package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.coverage.Coverage;
import dev.reinstate.cli.coverage.CoveragePage;
import dev.reinstate.cli.coverage.CoverageScreen;
import dev.reinstate.cli.coverage.RulesCheck;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Database;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.discovery.CoverageReport;
import dev.reinstate.postgres.discovery.DataChecks;
import dev.reinstate.postgres.discovery.Given;
import dev.reinstate.postgres.discovery.Proposal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code reinstate init --check}: holds a configuration against the database as it is now. */
final class InitCheck {
    private static final int NEEDS_ATTENTION = 1;

    private final Output output;
    private final Clock clock;
    private final boolean asJson;

    record Document(
            Path file,
            String database,
            boolean attention,
            int tables,
            CoverageShare coverage,
            List<RulesCheck.Finding> findings) {}

    /** What was looked at, with and without what the configuration says of single tables. */
    private record Looked(List<Proposal> proposals, List<Proposal> free, Map<TableName, Long> rows) {
        static final Looked NOTHING = new Looked(List.of(), List.of(), Map.of());
    }

    InitCheck(Output output, Clock clock, boolean asJson) {
        this.output = output;
        this.clock = clock;
        this.asJson = asJson;
    }

    /** 0, or 1 when something needs attention. */
    int run(Configuration configuration, Database database, LookOptions look, Optional<Path> page) throws SQLException {
        try (Connection connection = database.connect()) {
            Catalogue catalogue = Catalogue.read(connection);
            RulesCheck check = new RulesCheck(catalogue, configuration.tenancy());
            Looked looked = check.given()
                    .map(given -> look(connection, catalogue, given, look.limits(output.terminal(), catalogue)))
                    .orElse(Looked.NOTHING);
            List<RulesCheck.Finding> findings = check.findings(looked.proposals(), looked.free());
            Coverage coverage = new Coverage(
                    database.displayName(),
                    clock.instant(),
                    configuration.tenancy(),
                    catalogue,
                    CoverageReport.of(catalogue, check.decided(looked.proposals()), looked.rows()));
            page.ifPresent(file -> CoveragePage.write(file, coverage));
            boolean attention = findings.stream().anyMatch(RulesCheck.Finding::needsAttention);
            output.result(
                    asJson,
                    new Document(
                            configuration.file(),
                            database.displayName(),
                            attention,
                            catalogue.tables().size(),
                            CoverageShare.of(coverage),
                            findings),
                    () -> show(configuration, coverage, findings));
            return attention ? NEEDS_ATTENTION : 0;
        }
    }

    private static Looked look(Connection connection, Catalogue catalogue, Given given, DataChecks.Limits limits) {
        DataChecks.Checked checked = DataChecks.check(connection, catalogue, given, limits);
        Given nothingDecided = new Given(given.tenantTable(), given.tenantSchemas(), new TreeMap<>());
        DataChecks.Checked free = DataChecks.check(connection, catalogue, nothingDecided, limits);
        return new Looked(checked.proposals(), free.proposals(), checked.rows());
    }

    private void show(Configuration configuration, Coverage coverage, List<RulesCheck.Finding> findings) {
        Terminal terminal = output.terminal();
        new CoverageScreen(output).summary(coverage);
        List<RulesCheck.Finding> urgent =
                findings.stream().filter(RulesCheck.Finding::needsAttention).toList();
        findings.forEach(finding -> {
            terminal.line("");
            terminal.line(label(finding) + "  " + finding.subject() + " " + finding.what());
            if (!finding.next().isEmpty()) {
                terminal.line("          " + finding.next());
            }
            finding.proposal()
                    .filter(rule -> finding.needsAttention())
                    .ifPresent(rule -> terminal.line("          " + finding.subject() + ": " + rule));
        });
        terminal.line("");
        String tables = Amounts.count(coverage.catalogue().tables().size(), "table");
        terminal.line(
                urgent.isEmpty()
                        ? terminal.onOut(Terminal.Style.GOOD, configuration.file() + " holds") + " for the database's "
                                + tables + "."
                        : terminal.onOut(
                                        Terminal.Style.BAD,
                                        Amounts.count(urgent.size(), "thing")
                                                + (urgent.size() == 1 ? " needs" : " need") + " attention")
                                + " in " + configuration.file() + "; the database has " + tables + ".");
    }

    private String label(RulesCheck.Finding finding) {
        String name = finding.kind().name().toLowerCase(Locale.ROOT);
        Terminal.Style style = finding.needsAttention() ? Terminal.Style.BAD : Terminal.Style.DIM;
        return output.terminal().onOut(style, name) + " ".repeat(Math.max(0, 8 - name.length()));
    }
}
