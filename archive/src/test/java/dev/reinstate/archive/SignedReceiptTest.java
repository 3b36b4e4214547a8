package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.reinstate.archive.ReceiptStore.ChainPlace;
import dev.reinstate.archive.format.EncryptionKey;
import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.manifest.DocumentCipher.StoredReceipt;
import dev.reinstate.archive.signing.SignedReceipt;
import dev.reinstate.archive.signing.SigningKey;
import dev.reinstate.archive.signing.VerificationKey;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a signature on a receipt is worth: nobody else can make one, and nothing of it can be changed. */
final class SignedReceiptTest {
    private static final String NAME = "r1.json";
    private static final byte[] JSON = "{\n  \"täglich\" : 1\n}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory = Path.of("");

    private MemoryObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings settings = ArchiveSettings.defaults(directory);

    @BeforeEach
    void write() {
        settings = ArchiveFixture.settings(directory, 1 << 20, 8, true);
        objects = new MemoryObjectStore();
        ArchiveFixture.create(objects, settings);
        receipts().put(NAME, JSON);
    }

    private ReceiptStore receipts() {
        return Archive.receipts(objects, settings);
    }

    private VerificationKey key() {
        return receipts().verificationKey().orElseThrow();
    }

    private SignedReceipt signed() {
        return receipts().signed(NAME).orElseThrow();
    }

    private static FailureKind kind(Runnable work) {
        return catchThrowableOfType(ReinstateException.class, work::run).kind();
    }

    @Test
    void whatIsSignedIsTheDocumentToTheByteAndWhereItBelongs() {
        SignedReceipt.Statement statement = signed().statement();
        assertThat(statement.content().getBytes(StandardCharsets.UTF_8)).isEqualTo(JSON);
        assertThat(receipts().get(NAME)).hasValue(JSON);
        assertThat(statement.name()).isEqualTo(NAME);
        assertThat(statement.archive()).matches("[0-9a-f]{32}");
        assertThat(statement.manifest()).isEqualTo(1);
        assertThat(receipts().placeOf(statement)).isEqualTo(ChainPlace.IN_CHAIN);
        SignedReceipt.parse(signed().envelope(), "it").requireSignedBy(key(), "it");
        assertThat(Archive.check(objects, settings, false, CheckListener.SILENT).findings())
                .isEmpty();
    }

    /** As the specification says it, without our own classes. */
    @Test
    void aSecondReaderComesToTheSameSignature() throws GeneralSecurityException {
        EncryptionKey metadata = new EncryptionKey(new byte[EncryptionKey.BYTES]);
        SigningKey key = SigningKey.of(metadata, "0a");
        SignedReceipt receipt = SignedReceipt.sign(key, NAME, 7, "ab", JSON);
        String envelope = new String(receipt.envelope(), StandardCharsets.UTF_8);
        String payload =
                "{\"format\":\"reinstate-receipt-statement\",\"version\":1,\"archive\":\"0a\",\"name\":\"r1.json\","
                        + "\"manifest\":7,\"manifestSha256\":\"ab\",\"content\":\"{\\n  \\\"täglich\\\" : 1\\n}\"}";
        byte[] payloadBytes = payload.getBytes(StandardCharsets.UTF_8);
        byte[] head = ("DSSEv1 38 application/vnd.reinstate.receipt+json " + payloadBytes.length + " ")
                .getBytes(StandardCharsets.UTF_8);
        PrivateKey secret = KeyFactory.getInstance("Ed25519")
                .generatePrivate(new EdECPrivateKeySpec(
                        NamedParameterSpec.ED25519, metadata.derive(new byte[0], "reinstate/signing-key/0a")));
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(secret);
        signature.update(head);
        signature.update(payloadBytes);
        Base64.Encoder base64 = Base64.getEncoder();
        assertThat(envelope)
                .isEqualTo("{\"payloadType\":\"application/vnd.reinstate.receipt+json\",\"payload\":\""
                        + base64.encodeToString(payloadBytes) + "\",\"signatures\":[{\"keyid\":\""
                        + key.verification().id() + "\",\"sig\":\"" + base64.encodeToString(signature.sign())
                        + "\"}]}");
    }

    @Test
    void everyFlippedBitOfAnEnvelopeIsRefused() {
        byte[] envelope = signed().envelope();
        VerificationKey key = key();
        for (int bit = 0; bit < envelope.length * 8; bit++) {
            byte[] flipped = envelope.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(kind(() -> SignedReceipt.parse(flipped, "it").requireSignedBy(key, "it")))
                    .as("bit %d", bit)
                    .isIn(FailureKind.DAMAGED, FailureKind.REFUSED);
        }
    }

    @Test
    void everyFlippedBitInTheArchiveIsDamage() {
        String object = "receipt/" + NAME;
        byte[] whole = objects.get(object);
        ReceiptStore receipts = receipts();
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            objects.replace(object, flipped);
            assertThat(kind(() -> receipts.get(NAME))).as("bit %d", bit).isEqualTo(FailureKind.DAMAGED);
        }
    }

    /** Also by someone who computes the seal anew. */
    @Test
    void aReceiptIsNotPassedOffAsAnotherNorAsOneOfBeforeThereWereSignatures() {
        objects.putIfAbsent("receipt/r2.json", objects.get("receipt/" + NAME));
        assertThat(kind(() -> receipts().get("r2.json"))).isEqualTo(FailureKind.DAMAGED);

        String content = new String(Sealed.open("r", objects.get("receipt/" + NAME)), StandardCharsets.UTF_8);
        assertThat(content).contains("\"version\":2");
        objects.replace(
                "receipt/" + NAME,
                Sealed.seal(content.replace("\"version\":2", "\"version\":1").getBytes(StandardCharsets.UTF_8)));
        assertThat(kind(() -> receipts().get(NAME))).isEqualTo(FailureKind.DAMAGED);
        assertThat(Archive.check(objects, settings, false, CheckListener.SILENT).findings())
                .hasSize(2);
    }

    @Test
    void whatWasStoredBeforeIsReadAndNotSigned() {
        ArchiveKeys keys = ArchiveKeys.open(new ArchiveObjects(objects), settings);
        byte[] old = keys.documents().receipt(new StoredReceipt(false, JSON), "old.json");
        assertThat(new String(old, StandardCharsets.UTF_8)).contains("\"version\":1");
        objects.putIfAbsent("receipt/old.json", Sealed.seal(old));
        assertThat(receipts().get("old.json")).hasValue(JSON);
        assertThat(receipts().signed("old.json")).isEmpty();
        assertThat(receipts().signed("none.json")).isEmpty();
    }

    @Test
    void anArchiveThatIsNotEncryptedHasNothingToSignWith() {
        MemoryObjectStore plain = new MemoryObjectStore();
        ArchiveSettings without = ArchiveFixture.settings(directory, 1 << 20, 8);
        ArchiveFixture.create(plain, without);
        ReceiptStore receipts = Archive.receipts(plain, without);
        receipts.put(NAME, JSON);
        assertThat(receipts.verificationKey()).isEmpty();
        assertThat(receipts.signed(NAME)).isEmpty();
        assertThat(Sealed.open("r", plain.get("receipt/" + NAME))).isEqualTo(JSON);
    }

    @Test
    void anotherMasterKeyLeavesTheSigningKeyAsItIs() {
        SignedReceipt before = signed();
        VerificationKey known = key();
        Archive.changeMasterKey(objects, settings, FixedKey.SECOND);
        settings = settings.withMasterKey(() -> FixedKey.SECOND);
        assertThat(key().id()).isEqualTo(known.id());
        before.requireSignedBy(key(), "it");
        receipts().put("r2.json", JSON);
        receipts().signed("r2.json").orElseThrow().requireSignedBy(known, "it");
    }

    @Test
    void aCopyVerifies() {
        SignedReceipt original = signed();
        MemoryObjectStore copy = new MemoryObjectStore();
        ArchiveCopy.run(objects, copy, settings, new ArchiveCopy.Options(1, false), CopyListener.SILENT);
        ReceiptStore there = Archive.receipts(copy, settings);
        assertThat(there.signed(NAME).orElseThrow().envelope()).isEqualTo(original.envelope());
        assertThat(there.verificationKey().orElseThrow().id()).isEqualTo(key().id());
        assertThat(there.placeOf(original.statement())).isEqualTo(ChainPlace.IN_CHAIN);
    }

    @Test
    void anotherArchivesSignatureIsRefused() {
        MemoryObjectStore others = new MemoryObjectStore();
        ArchiveSettings other = ArchiveFixture.settings(directory, 1 << 20, 9, true);
        ArchiveFixture.create(others, other);
        VerificationKey theirs =
                Archive.receipts(others, other).verificationKey().orElseThrow();
        assertThat(kind(() -> signed().requireSignedBy(theirs, "it"))).isEqualTo(FailureKind.REFUSED);
        String claimed = new String(signed().envelope(), StandardCharsets.UTF_8).replace(key().id(), theirs.id());
        SignedReceipt forged = SignedReceipt.parse(claimed.getBytes(StandardCharsets.UTF_8), "it");
        assertThat(kind(() -> forged.requireSignedBy(theirs, "it"))).isEqualTo(FailureKind.DAMAGED);
        others.putIfAbsent("receipt/" + NAME, objects.get("receipt/" + NAME));
        assertThat(kind(() -> Archive.receipts(others, other).get(NAME))).isEqualTo(FailureKind.DAMAGED);
    }

    @Test
    void theEndOfTheChainIsRecognised() {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            receipts().put("later.json", JSON);
            assertThat(writer.state().manifestNumber()).isEqualTo(2);
        }
        SignedReceipt.Statement later =
                receipts().signed("later.json").orElseThrow().statement();
        assertThat(later.manifest()).isEqualTo(2);
        byte[] manifest = objects.get("manifest/00000000000000000002");
        objects.replace("manifest/00000000000000000002", Arrays.copyOf(manifest, manifest.length - 1));
        assertThat(receipts().placeOf(later)).isEqualTo(ChainPlace.DIFFERENT);
        objects.delete("manifest/00000000000000000002");
        assertThat(receipts().placeOf(later)).isEqualTo(ChainPlace.NOT_REACHED);
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void interruptedAReceiptIsThereWithItsSignatureOrNotAtAll(FaultyObjectStore.Fault fault) {
        for (long at = 1; ; at++) {
            MemoryObjectStore stored = new MemoryObjectStore();
            ArchiveFixture.create(stored, settings);
            FaultyObjectStore failing = new FaultyObjectStore(stored);
            failing.failCall(at, fault, true);
            ReceiptStore receipts = Archive.receipts(stored, settings);
            boolean failed = WrittenArchive.fails(
                    () -> Archive.receipts(failing, settings).put(NAME, JSON));
            if (receipts.get(NAME).isPresent()) {
                receipts.signed(NAME)
                        .orElseThrow()
                        .requireSignedBy(receipts.verificationKey().orElseThrow(), "it");
            }
            if (!failed) {
                assertThat(at).isGreaterThan(2);
                assertThat(receipts.get(NAME)).hasValue(JSON);
                return;
            }
        }
    }

    @Test
    void aPublicKeyIsAFileThatOthersCanRead() throws GeneralSecurityException {
        String pem = key().pem();
        assertThat(pem).startsWith("-----BEGIN PUBLIC KEY-----\n").endsWith("-----END PUBLIC KEY-----\n");
        assertThat(VerificationKey.parse(pem, "it").id()).isEqualTo(key().id());
        assertThat(VerificationKey.parse(pem.replace("\n", "\r\n"), "it").id()).isEqualTo(key().id());
        byte[] rsa = KeyPairGenerator.getInstance("RSA")
                .generateKeyPair()
                .getPublic()
                .getEncoded();
        String other = "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(rsa)
                + "\n-----END PUBLIC KEY-----\n";
        for (String wrong : new String[] {"", "no key", other, pem.replace("MCow", "MCoW"), pem.substring(0, 60)}) {
            assertThat(kind(() -> VerificationKey.parse(wrong, "it"))).isEqualTo(FailureKind.INVALID);
        }
    }
}
