package dev.reinstate.cli.verb;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.KeyFile;
import dev.reinstate.archive.KeyringSummary;
import dev.reinstate.archive.signing.VerificationKey;
import dev.reinstate.cli.config.Encryption;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.keys.aws.KmsMasterKey;
import dev.reinstate.model.ReinstateException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate keys}. */
@Command(
        name = "keys",
        description = {
            "Says which key the archive is encrypted with, never the key itself.",
            "keys public: the key that receipts of the archive are verified with, which is no secret.",
            "keys rotate: puts the archive under another key file, by writing its keyring anew; no data is rewritten."
        })
public final class KeysVerb extends ArchiveVerb {
    @Parameters(
            arity = "0..1",
            paramLabel = "ACTION",
            description = "show, public or rotate (default: ${DEFAULT-VALUE}).")
    private String action = "show";

    @Option(
            names = "--new-key-file",
            paramLabel = "FILE",
            description = "The key file to rotate to; written if there is none.")
    private Optional<Path> newKeyFile = Optional.empty();

    @Option(names = "--new-kms-key", paramLabel = "ARN", description = "The key of AWS KMS to rotate to.")
    private Optional<String> newKmsKey = Optional.empty();

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "With public: where the key goes, as a PEM file (default: it is printed).")
    private Optional<Path> to = Optional.empty();

    record Document(KeyringSummary keyring) {}

    record PublicKey(String id, String pem) {}

    record PublicDocument(PublicKey publicKey) {}

    public KeysVerb(Output output, Archives archives) {
        super(output, archives);
    }

    @Override
    public Integer call() {
        StoredArchive stored = options.open(archives);
        switch (action) {
            case "show" -> requireNoFile();
            case "public" -> {
                requireNoFile();
                return tellPublicKey(stored);
            }
            case "rotate" -> rotate(stored);
            default ->
                throw ReinstateException.invalid(
                        "`keys " + action + "` is not known",
                        "there are show, public and rotate",
                        "run `reinstate help keys`");
        }
        KeyringSummary keyring = Archive.keyring(stored.objects());
        output.result(json.asked, new Document(keyring), () -> show(keyring));
        return 0;
    }

    private void requireNoFile() {
        if (newKeyFile.isPresent() || newKmsKey.isPresent()) {
            throw ReinstateException.invalid(
                    "A new key changes the archive",
                    "`keys " + action + "` changes nothing",
                    "run `reinstate keys rotate`");
        }
    }

    private int tellPublicKey(StoredArchive stored) {
        VerificationKey key = Archive.receipts(stored.objects(), stored.settings())
                .verificationKey()
                .orElseThrow(() -> ReinstateException.refused(
                        "The archive signs no receipts",
                        "it is not encrypted, and has no secret to sign with",
                        "make a new archive to have an encrypted one"));
        to.ifPresent(file -> UserFile.writeNew(file, key.pem().getBytes(StandardCharsets.US_ASCII)));
        output.result(
                json.asked,
                new PublicDocument(new PublicKey(key.id(), key.pem())),
                () -> output.terminal()
                        .line(to.map(file -> "Wrote " + key.id() + " to " + file + ".")
                                .orElseGet(() -> key.pem().stripTrailing())));
        return 0;
    }

    private void rotate(StoredArchive stored) {
        if (newKmsKey.isPresent()) {
            Archive.changeMasterKey(stored.objects(), stored.settings(), KmsMasterKey.of(newKmsKey.get()));
            output.terminal().note("Name the new key in reinstate.yaml now (encryption.kmsKey).");
            return;
        }
        Path file = newKeyFile.orElseThrow(() -> ReinstateException.invalid(
                "It is not said to which key",
                "a rotation needs a new one",
                "add --new-key-file FILE or --new-kms-key ARN"));
        stored.reader(); // opened with the old key, or there is nothing to rotate
        archives.masterKeys()
                .writeIfAbsent(new Encryption.InKeyFile(file))
                .ifPresent(written -> KeyNotice.show(output.terminal(), written));
        Archive.changeMasterKey(stored.objects(), stored.settings(), KeyFile.read(file));
        output.terminal()
                .note("The archive is under " + file + " now: name it in reinstate.yaml (encryption.keyFile), and keep"
                        + " a copy elsewhere.");
        output.terminal()
                .note("The old key file opens copies of the archive's keyring that were made before, and nothing else:"
                        + " destroy it when no copy needs it.");
    }

    private void show(KeyringSummary keyring) {
        if (keyring.masterKey().isEmpty()) {
            output.terminal().line("The archive is not encrypted.");
            return;
        }
        output.terminal().line("master key  " + keyring.masterKey().orElseThrow());
        output.terminal().line("rotated     " + Amounts.count(keyring.rotations(), "time"));
        output.terminal()
                .line("data keys   " + keyring.dataKeys() + " (tenants, shared and unattributed rows, store events)");
    }
}
