package dev.reinstate.cli.verb;

import dev.reinstate.archive.ReceiptStore;
import dev.reinstate.archive.ReceiptStore.ChainPlace;
import dev.reinstate.archive.signing.VerificationKey;
import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.terminal.Output;
import dev.reinstate.cli.wiring.Archives;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.restore.receipt.Isolation;
import dev.reinstate.restore.receipt.Receipt;
import dev.reinstate.restore.receipt.ReceiptFile;
import dev.reinstate.restore.receipt.Receipts;
import dev.reinstate.restore.receipt.VerifiedReceipt;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reinstate receipt verify}. */
@Command(
        name = "verify",
        description = {
            "Says whether a receipt is what the archive signed, and what it says.",
            "A file that `receipt export` wrote needs no archive, only the public key."
        })
public final class ReceiptVerifyVerb extends ArchiveVerb {
    /** Exit code for a receipt that is there and not signed. */
    public static final int NOT_SIGNED = 8;

    private static final int DOES_NOT_HOLD = 1;

    private final Clock clock;
    private final RandomGenerator random;

    @Parameters(
            paramLabel = "ID|FILE",
            description = "A receipt in the archive, or a file that `receipt export` wrote.")
    private String subject = "";

    @Option(
            names = "--public-key",
            paramLabel = "FILE",
            description = "The key to verify it with, as `keys public` prints it (default: the archive's).")
    private Optional<Path> publicKey = Optional.empty();

    @Option(
            names = "--against-archive",
            description =
                    "Also folds the tenants again, and says whether the archive still has the rows of that moment.")
    private boolean againstArchive;

    /** How it stands with the signature. */
    enum SignatureState {
        VALID,
        NOT_SIGNED
    }

    /**
     * What is printed as JSON.
     *
     * @param key id of the key it is signed with
     * @param archive id of the archive it is of
     * @param manifest number of the newest manifest when it was signed
     * @param chain whether that manifest is in the archive; null if no archive was looked at
     */
    record Document(
            String receipt,
            SignatureState signature,
            @Nullable String key,
            @Nullable String archive,
            @Nullable Long manifest,
            @Nullable String manifestSha256,
            @Nullable ChainPlace chain,
            Instant createdAt,
            String target,
            List<Tenant> tenants,
            Optional<Isolation.State> otherTenants) {}

    /**
     * A tenant of the receipt.
     *
     * @param rows read back, of all its tables
     * @param verifiedAgainst position of the image whose kept hashes the archive's rows were held against by then
     * @param archive what the archive has of that moment now; null if that was not asked
     */
    record Tenant(
            String tenant,
            Receipt.Outcome outcome,
            String position,
            long rows,
            Optional<String> verifiedAgainst,
            @Nullable ArchiveState archive) {}

    /** What the archive has of a tenant's moment, compared with what the receipt says. */
    enum ArchiveState {
        SAME,
        DIFFERENT,
        /** The receipt does not say: nothing was restored, or it is of a version that did not look. */
        NOT_RECORDED,
        /** The archive does not have that moment any more. */
        NOT_THERE
    }

    public ReceiptVerifyVerb(Output output, Archives archives, Clock clock, RandomGenerator random) {
        super(output, archives);
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Integer call() {
        Optional<VerificationKey> given = publicKey.map(file ->
                VerificationKey.parse(new String(UserFile.read(file), StandardCharsets.UTF_8), file.toString()));
        return Receipts.isId(subject) ? verifyStored(given) : verifyFile(given);
    }

    private int verifyStored(Optional<VerificationKey> given) {
        StoredArchive stored = options.open(archives);
        ReceiptStore documents = stored.receipts();
        Receipts receipts = new Receipts(documents, stored.reader(), clock, random);
        Optional<ReceiptFile> file = receipts.signed(subject);
        if (file.isEmpty()) {
            return notSigned(receipts.get(subject), documents, receipts);
        }
        VerificationKey key = given.or(documents::verificationKey).orElseThrow();
        VerifiedReceipt verified = file.get().verify(key, subject);
        return holds(verified, Optional.of(new Looked(documents.placeOf(verified.signed()), receipts)));
    }

    private int verifyFile(Optional<VerificationKey> given) {
        ReceiptFile file = ReceiptFile.parse(UserFile.read(Path.of(subject)), subject);
        if (given.isPresent() && !againstArchive) {
            return holds(file.verify(given.get(), subject), Optional.empty());
        }
        StoredArchive stored = options.open(archives);
        ReceiptStore documents = stored.receipts();
        VerificationKey key = given.or(documents::verificationKey)
                .orElseThrow(() -> ReinstateException.refused(
                        "The receipt in " + subject + " is not of this archive",
                        "the archive is not encrypted, and such an archive signs nothing",
                        "name the key with --public-key FILE, or the right archive with --archive"));
        VerifiedReceipt verified = file.verify(key, subject);
        Receipts receipts = new Receipts(documents, stored.reader(), clock, random);
        return holds(verified, Optional.of(new Looked(documents.placeOf(verified.signed()), receipts)));
    }

    /** An archive that was looked at. */
    private record Looked(ChainPlace chain, Receipts receipts) {}

    private int notSigned(Receipt receipt, ReceiptStore documents, Receipts receipts) {
        String why = documents.verificationKey().isEmpty()
                ? "its archive is not encrypted, and has no secret to sign with"
                : "it was written by a version of Reinstate that did not sign receipts";
        Document document = new Document(
                receipt.id(),
                SignatureState.NOT_SIGNED,
                null,
                null,
                null,
                null,
                null,
                receipt.createdAt(),
                receipt.target(),
                tenants(receipt, Optional.of(receipts)),
                Optional.empty());
        output.result(json.asked, document, () -> {
            output.terminal().line("Receipt " + receipt.id() + " is not signed: " + why + ".");
            document.tenants().forEach(this::show);
        });
        return NOT_SIGNED;
    }

    private int holds(VerifiedReceipt verified, Optional<Looked> looked) {
        Receipt receipt = verified.receipt();
        Document document = new Document(
                receipt.id(),
                SignatureState.VALID,
                verified.key(),
                verified.signed().archive(),
                verified.signed().manifest(),
                verified.signed().manifestSha256(),
                looked.map(Looked::chain).orElse(null),
                receipt.createdAt(),
                receipt.target(),
                tenants(receipt, looked.map(Looked::receipts)),
                verified.isolation().map(Isolation::state));
        output.result(json.asked, document, () -> show(document));
        boolean agrees = document.chain() != ChainPlace.DIFFERENT
                && document.tenants().stream().noneMatch(tenant -> tenant.archive() == ArchiveState.DIFFERENT);
        return agrees ? 0 : DOES_NOT_HOLD;
    }

    private List<Tenant> tenants(Receipt receipt, Optional<Receipts> archive) {
        return receipt.tenants().stream()
                .map(tenant -> new Tenant(
                        tenant.tenant().toString(),
                        tenant.outcome(),
                        tenant.moment().position().toString(),
                        tenant.tables().stream()
                                .mapToLong(table -> table.now().rows())
                                .sum(),
                        tenant.archived()
                                .flatMap(Receipt.Archived::verifiedAgainst)
                                .map(Lsn::toString),
                        archive.filter(receipts -> againstArchive)
                                .map(receipts -> compared(tenant, receipts))
                                .orElse(null)))
                .toList();
    }

    private static ArchiveState compared(Receipt.Tenant tenant, Receipts receipts) {
        try {
            return receipts.isStillArchived(tenant)
                    .map(same -> same ? ArchiveState.SAME : ArchiveState.DIFFERENT)
                    .orElse(ArchiveState.NOT_RECORDED);
        } catch (ReinstateException e) {
            if (e.kind() != FailureKind.NOT_RESTORABLE) {
                throw e;
            }
            return ArchiveState.NOT_THERE;
        }
    }

    private void show(Document document) {
        output.heading("Receipt " + document.receipt() + " is what was signed.");
        output.terminal().line("signed with   " + document.key());
        output.terminal().line("archive       " + document.archive());
        output.terminal().line("manifest      " + document.manifest() + chainWords(document.chain()));
        output.terminal()
                .line("restored      " + Amounts.exactTime(document.createdAt()) + " into " + document.target());
        document.tenants().forEach(this::show);
        output.terminal()
                .line("other tenants "
                        + document.otherTenants().map(ReceiptVerifyVerb::words).orElse("no signed verdict"));
    }

    private void show(Tenant tenant) {
        output.terminal()
                .line("  " + tenant.tenant() + "  " + words(tenant.outcome()) + "  as of " + tenant.position() + ", "
                        + Amounts.count(tenant.rows(), "row"));
        ArchiveState archive = tenant.archive();
        if (archive != null) {
            output.terminal()
                    .line("    "
                            + switch (archive) {
                                case SAME -> "the archive has the same rows of that moment today";
                                case DIFFERENT -> "THE ARCHIVE HAS OTHER ROWS OF THAT MOMENT TODAY";
                                case NOT_RECORDED -> "what the archive had by then is not in the receipt";
                                case NOT_THERE -> "the archive does not have that moment any more";
                            });
        }
    }

    private static String chainWords(@Nullable ChainPlace chain) {
        if (chain == null) {
            return "; no archive was looked at";
        }
        return switch (chain) {
            case IN_CHAIN -> ", in this archive's chain";
            case NOT_REACHED -> ", which this archive's chain does not reach: a copy not completed, or it was set back";
            case NO_LONGER_KEPT -> ", which this archive's chain does not keep any more";
            case DIFFERENT -> ": THIS ARCHIVE HAS ANOTHER ONE. It was set back and went on in another way";
        };
    }

    private static String words(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
