package dev.reinstate.restore.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.KeyFile;
import dev.reinstate.archive.ReceiptStore;
import dev.reinstate.archive.signing.VerificationKey;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.restore.plan.RestorePolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** A receipt that left its archive is believed to the byte, or not at all. */
class ReceiptFileTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    private static final StoreIdentity STORE = new StoreIdentity(7, 1, "shop");
    private static final TableName SITE = TableName.parse("public.site");
    private static final TenancyMap TENANCY = new TenancyMap(
            Optional.of(SITE), Optional.empty(), new TreeMap<>(Map.of(SITE, new TableRule.TenantTable("id"))));

    @TempDir
    Path directory;

    private ReceiptStore documents;
    private Receipts receipts;

    @BeforeEach
    void create() {
        KeyFile key = KeyFile.create(directory.resolve("reinstate.key"), new SecureRandom());
        ArchiveSettings settings = ArchiveSettings.defaults(directory).withMasterKey(() -> key);
        MemoryObjectStore objects = new MemoryObjectStore();
        Archive.create(objects, STORE, TENANCY, settings);
        documents = Archive.receipts(objects, settings);
        receipts = new Receipts(documents, Archive.openReader(objects, settings), CLOCK, new Random(1));
    }

    private Receipt receipt() {
        Receipt receipt = new Receipt(
                Receipt.VERSION,
                receipts.newId(),
                CLOCK.instant(),
                STORE.toString(),
                "localhost/test",
                true,
                RestorePolicy.REPLACE,
                List.of(),
                List.of());
        receipts.put(receipt);
        return receipt;
    }

    private VerificationKey key() {
        return documents.verificationKey().orElseThrow();
    }

    private VerifiedReceipt verified(byte[] file) {
        return ReceiptFile.parse(file, "it").verify(key(), "it");
    }

    private FailureKind refusal(byte[] file) {
        return catchThrowableOfType(ReinstateException.class, () -> verified(file))
                .kind();
    }

    /** As written before it was said what of the archive was damaged. */
    @Test
    void anOlderReceiptIsReadAsEver() {
        Receipt receipt = receipt();
        ObjectNode json = (ObjectNode) ReceiptJson.mapper().readTree(ReceiptJson.write(receipt));
        assertThat(json.remove("damage")).isNotNull();
        assertThat(ReceiptJson.read(ReceiptJson.mapper().writeValueAsBytes(json), Receipt.class, "old"))
                .isEqualTo(receipt);
    }

    @Test
    void receiptAndVerdictAreOneFile() {
        Receipt receipt = receipt();
        ReceiptFile alone = receipts.signed(receipt.id()).orElseThrow();
        assertThat(verified(alone.bytes()).receipt()).isEqualTo(receipt);
        assertThat(verified(alone.bytes()).isolation()).isEmpty();
        Isolation verdict = receipts.complete(receipt.id());
        VerifiedReceipt both =
                verified(receipts.signed(receipt.id()).orElseThrow().bytes());
        assertThat(both.receipt()).isEqualTo(receipt);
        assertThat(both.isolation()).hasValue(verdict);
        assertThat(both.signed().manifest()).isEqualTo(1);
        assertThat(both.key()).isEqualTo(key().id());
    }

    @Test
    void everyFlippedBitAndEveryCutIsRefused() {
        Receipt receipt = receipt();
        receipts.complete(receipt.id());
        byte[] file = receipts.signed(receipt.id()).orElseThrow().bytes();
        VerificationKey key = key();
        for (int bit = 0; bit < file.length * 8; bit++) {
            byte[] flipped = file.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            ReinstateException refused = catchThrowableOfType(
                    ReinstateException.class,
                    () -> ReceiptFile.parse(flipped, "it").verify(key, "it"));
            assertThat(refused).as("bit %d", bit).isNotNull();
            assertThat(refused.kind()).isIn(FailureKind.DAMAGED, FailureKind.REFUSED);
        }
        int firstLine = new String(file, StandardCharsets.UTF_8).indexOf('\n') + 1;
        for (int length = 0; length < file.length; length++) {
            if (length != firstLine) {
                assertThat(refusal(Arrays.copyOf(file, length))).isEqualTo(FailureKind.DAMAGED);
            }
        }
        assertThat(verified(Arrays.copyOf(file, firstLine)).isolation()).isEmpty();
    }

    @Test
    void nothingOfTwoReceiptsIsPutTogether() {
        Receipt first = receipt();
        Receipt second = receipt();
        receipts.complete(first.id());
        receipts.complete(second.id());
        ReceiptFile one = receipts.signed(first.id()).orElseThrow();
        ReceiptFile other = receipts.signed(second.id()).orElseThrow();
        for (ReceiptFile wrong : List.of(
                new ReceiptFile(one.receipt(), other.isolation()),
                new ReceiptFile(one.receipt(), Optional.of(other.receipt())),
                new ReceiptFile(one.receipt(), Optional.of(one.receipt())),
                new ReceiptFile(one.isolation().orElseThrow(), Optional.of(one.receipt())),
                new ReceiptFile(one.isolation().orElseThrow(), Optional.empty()))) {
            assertThat(refusal(wrong.bytes())).isEqualTo(FailureKind.DAMAGED);
        }
        byte[] three = (new String(one.bytes(), StandardCharsets.UTF_8)
                        + new String(other.receipt().envelope(), StandardCharsets.UTF_8) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(refusal(three)).isEqualTo(FailureKind.DAMAGED);
    }

    /** Signed by the very archive, under another name than its own: somebody with the key put it there by hand. */
    @Test
    void aReceiptUnderAnotherNameIsRefused() {
        Receipt receipt = receipt();
        String name = Receipts.documentOf("20260301t120000z-ffffffff");
        documents.put(name, ReceiptJson.write(receipt));
        byte[] file = new ReceiptFile(documents.signed(name).orElseThrow(), Optional.empty()).bytes();
        assertThat(refusal(file)).isEqualTo(FailureKind.DAMAGED);
    }
}
