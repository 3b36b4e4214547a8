package dev.reinstate.cli.verb;

import dev.reinstate.cli.config.ArchivePlace;
import dev.reinstate.cli.config.Configuration;
import dev.reinstate.cli.config.Encryption;
import dev.reinstate.cli.config.RuleText;
import dev.reinstate.cli.coverage.Coverage;
import dev.reinstate.cli.coverage.CoverageScreen;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.terminal.Terminal;
import dev.reinstate.cli.terminal.TextTable;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.discovery.Preflight;
import dev.reinstate.postgres.discovery.Proposal;
import dev.reinstate.postgres.discovery.TableClass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code init} says when it has written what it proposes. */
final class InitReport {
    /** More tables than these are told by class only; the page and the configuration have them all. */
    private static final int LISTED = 40;

    private static final int NAMED = 20;

    private final Output output;
    private final boolean asJson;
    private final Configuration configuration;
    private final Coverage coverage;
    private final Path page;

    record Document(
            Path file,
            String database,
            ArchivePlace archive,
            Optional<Path> keyFile,
            Path report,
            CoverageShare coverage,
            List<MappedTable> tables,
            List<Preflight.Finding> preflight) {}

    record MappedTable(
            TableName table,
            TableClass tableClass,
            String rule,
            String reason,
            List<String> warnings,
            List<String> alternatives,
            List<String> evidence) {}

    InitReport(Output output, boolean asJson, Configuration configuration, Coverage coverage, Path page) {
        this.output = output;
        this.asJson = asJson;
        this.configuration = configuration;
        this.coverage = coverage;
        this.page = page;
    }

    /** {@code REFUSED} in the end, when tables are unmapped or the source lacks something. */
    void tell(List<Proposal> proposals, List<Preflight.Finding> findings) {
        SourceNeeds needs = new SourceNeeds(output, findings);
        if (!asJson) {
            list(proposals);
            new CoverageScreen(output).show(coverage);
            needs.show();
            output.terminal().line("");
            output.terminal().line("Wrote " + configuration.file() + ", and a picture of it: " + page);
        }
        requireMapped(proposals.stream()
                .filter(proposal -> proposal.isAsked() && proposal.tableClass() != TableClass.PARTITION)
                .toList());
        needs.require(coverage.database());
        output.result(
                asJson,
                new Document(
                        configuration.file(),
                        coverage.database(),
                        configuration.archive(),
                        keyFile(),
                        page,
                        CoverageShare.of(coverage),
                        proposals.stream().map(InitReport::document).toList(),
                        findings),
                () -> output.terminal().line("Next: read its rules, then run `reinstate protect`."));
    }

    private Optional<Path> keyFile() {
        return configuration.encryption() instanceof Encryption.InKeyFile inFile
                ? Optional.of(inFile.file())
                : Optional.empty();
    }

    private static MappedTable document(Proposal proposal) {
        return new MappedTable(
                proposal.table(),
                proposal.tableClass(),
                RuleText.of(proposal.rule()),
                proposal.reason(),
                proposal.warnings(),
                proposal.alternatives().stream()
                        .map(Proposal.Alternative::reason)
                        .toList(),
                proposal.evidence());
    }

    private void list(List<Proposal> proposals) {
        if (proposals.size() > LISTED) {
            return;
        }
        Terminal terminal = output.terminal();
        TextTable table = new TextTable().text("table").text("whose rows").text("why");
        for (Proposal proposal : proposals) {
            String rule = RuleText.of(proposal.rule());
            table.row(
                    proposal.table().toString(),
                    proposal.isAsked() ? terminal.onOut(Terminal.Style.BAD, rule) : rule,
                    proposal.reason());
        }
        output.table(table);
        terminal.line("");
    }

    private static List<String> details(List<Proposal> unmapped) {
        List<String> details = new ArrayList<>();
        unmapped.stream().limit(NAMED).forEach(table -> details.add(table.table() + ": " + table.reason()));
        if (unmapped.size() > NAMED) {
            details.add("and " + (unmapped.size() - NAMED) + " more, which the file lists first");
        }
        return details;
    }

    private void requireMapped(List<Proposal> unmapped) {
        if (!unmapped.isEmpty()) {
            throw new ReinstateException(
                    FailureKind.REFUSED,
                    unmapped.size() == 1 ? "1 table is unmapped" : unmapped.size() + " tables are unmapped",
                    "it is not clear whose rows they hold, and rows of no known owner cannot be brought back with a"
                            + " tenant",
                    "give each a rule in " + configuration.file()
                            + ", or run init again with --ignore TABLE, --shared TABLE or --rule 'TABLE=RULE' for each,"
                            + " or for many at once with a pattern: --ignore 'public.*_archive'",
                    details(unmapped),
                    null);
        }
    }
}
