package dev.reinstate.cli.verb;

import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.restore.receipt.ReceiptFile;
import dev.reinstate.restore.receipt.Receipts;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate receipt export}. */
@Command(
        name = "export",
        description = {
            "Writes a receipt with its signature into a file, for somebody who has not the archive's key.",
            "It is not encrypted: it names tenants and tables, and has hashes of their rows."
        })
public final class ReceiptExportVerb extends ArchiveVerb {
    private final Clock clock;
    private final RandomGenerator random;

    @Parameters(paramLabel = "ID", description = "A receipt in the archive.")
    private String id = "";

    @Option(names = "--to", required = true, paramLabel = "FILE", description = "A file that is not there yet.")
    private Path to = Path.of("");

    /**
     * What is printed as JSON.
     *
     * @param hasVerdict whether the verdict about other tenants is in the file, too
     */
    record Document(String receipt, Path file, boolean hasVerdict, Optional<String> key) {}

    public ReceiptExportVerb(Output output, Archives archives, Clock clock, RandomGenerator random) {
        super(output, archives);
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Integer call() {
        StoredArchive stored = options.open(archives);
        Receipts receipts = new Receipts(stored.receipts(), stored.reader(), clock, random);
        receipts.complete(id);
        ReceiptFile file = receipts.signed(id)
                .orElseThrow(() -> ReinstateException.refused(
                        "Receipt " + id + " cannot be exported with its signature",
                        "it has none",
                        "`reinstate receipt verify " + id + "` says why; `reinstate receipt " + id
                                + " --json` prints it"));
        UserFile.writeNew(to, file.bytes());
        Document document = new Document(
                id, to, file.isolation().isPresent(), Optional.of(file.receipt().keyId()));
        output.result(json.asked, document, () -> {
            output.terminal()
                    .line("Wrote " + to
                            + (document.hasVerdict
                                    ? "."
                                    : ", without a verdict about other tenants: there is none yet."));
            output.terminal()
                    .note("Whoever has it and the public key (`reinstate keys public`) can verify it with `reinstate"
                            + " receipt verify " + to + " --public-key FILE`.");
        });
        return 0;
    }
}
