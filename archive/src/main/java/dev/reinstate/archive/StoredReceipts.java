package dev.reinstate.archive;

import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.manifest.DocumentCipher.StoredReceipt;
import dev.reinstate.archive.signing.SignedReceipt;
import dev.reinstate.archive.signing.SigningKey;
import dev.reinstate.archive.signing.VerificationKey;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Receipts as sealed documents, each in one object with its signature. */
final class StoredReceipts implements ReceiptStore {
    private final ArchiveObjects objects;
    private final ArchiveKeys keys;
    private final ArchiveSettings settings;

    StoredReceipts(ArchiveObjects objects, ArchiveKeys keys, ArchiveSettings settings) {
        this.objects = objects;
        this.keys = keys;
        this.settings = settings;
    }

    @Override
    public void put(String name, byte[] json) {
        String key = key(name);
        StoredReceipt receipt = keys.signing()
                .map(signing ->
                        new StoredReceipt(true, sign(signing, name, json).envelope()))
                .orElseGet(() -> new StoredReceipt(false, json));
        if (!objects.putIfAbsent(key, Sealed.seal(keys.documents().receipt(receipt, name)))) {
            throw ReinstateException.conflict(
                    "A receipt named " + name + " exists", "receipts are never changed", "choose another name");
        }
    }

    private SignedReceipt sign(SigningKey signing, String name, byte[] json) {
        long manifest = ChainEnd.of(objects);
        String sha256 = Checksum.sha256Hex(objects.get(Keys.manifest(manifest)));
        return SignedReceipt.sign(signing, name, manifest, sha256, json);
    }

    @Override
    public Optional<byte[]> get(String name) {
        return find(key(name)).map(found -> content(found, name));
    }

    @Override
    public Optional<SignedReceipt> signed(String name) {
        return find(key(name)).filter(StoredReceipt::signed).map(found -> verified(found, name));
    }

    /** Reads the object of that key; {@code DAMAGED} if it is not a receipt as it was written. */
    void check(String key) {
        find(key).ifPresent(found -> content(found, key.substring(Keys.RECEIPTS.length())));
    }

    private Optional<StoredReceipt> find(String key) {
        String name = key.substring(Keys.RECEIPTS.length());
        return objects.find(key).map(bytes -> keys.documents().receiptOf(Sealed.open(key, bytes), key, name));
    }

    private byte[] content(StoredReceipt found, String name) {
        return found.signed()
                ? verified(found, name).statement().content().getBytes(StandardCharsets.UTF_8)
                : found.content();
    }

    private SignedReceipt verified(StoredReceipt found, String name) {
        SigningKey signing = keys.signing().orElseThrow();
        SignedReceipt signed = SignedReceipt.parse(found.content(), "Receipt " + name);
        SignedReceipt.Statement statement = signed.statement();
        if (!signed.keyId().equals(signing.verification().id())
                || !statement.name().equals(name)
                || !statement.archive().equals(signing.archive())) {
            throw Damage.of("INV-27", "Object " + Keys.RECEIPTS + name, "it is another receipt, or another archive's");
        }
        signed.requireSignedBy(signing.verification(), "Receipt " + name);
        return signed;
    }

    @Override
    public Optional<VerificationKey> verificationKey() {
        return keys.signing().map(SigningKey::verification);
    }

    @Override
    public ChainPlace placeOf(SignedReceipt.Statement statement) {
        return objects.find(Keys.manifest(statement.manifest()))
                .map(bytes -> Checksum.sha256Hex(bytes).equals(statement.manifestSha256())
                        ? ChainPlace.IN_CHAIN
                        : ChainPlace.DIFFERENT)
                .orElseGet(() ->
                        isBeforeTheChain(statement.manifest()) ? ChainPlace.NO_LONGER_KEPT : ChainPlace.NOT_REACHED);
    }

    /** Only what the chain itself says that it does not keep: a manifest may be missing for worse reasons. */
    private boolean isBeforeTheChain(long manifest) {
        return manifest
                < Chain.openReadable(objects, settings)
                        .chain()
                        .history()
                        .trail()
                        .first();
    }

    @Override
    public List<String> list() {
        List<String> names = new ArrayList<>();
        List<ObjectStore.ObjectSummary> page = objects.listPage(Keys.RECEIPTS, "");
        while (!page.isEmpty()) {
            page.forEach(summary -> names.add(summary.key().substring(Keys.RECEIPTS.length())));
            page = objects.listPage(Keys.RECEIPTS, page.getLast().key());
        }
        return names;
    }

    private static String key(String name) {
        if (!name.matches("[a-z0-9-][a-z0-9.-]*")) {
            throw ReinstateException.invalid(
                    "\"" + name + "\" is not a receipt's name",
                    "names are of a-z 0-9 . - and do not begin with a dot",
                    "copy one from the list of receipts");
        }
        return Keys.RECEIPTS + name;
    }
}
