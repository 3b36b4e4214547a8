package dev.reinstate.archive;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Receipts as sealed documents. */
final class StoredReceipts implements ReceiptStore {
    private final ArchiveObjects objects;
    private final DocumentCipher documents;

    StoredReceipts(ArchiveObjects objects, DocumentCipher documents) {
        this.objects = objects;
        this.documents = documents;
    }

    @Override
    public void put(String name, byte[] json) {
        if (!objects.putIfAbsent(key(name), Sealed.seal(documents.receipt(json, name)))) {
            throw ReinstateException.conflict(
                    "A receipt named " + name + " exists", "receipts are never changed", "choose another name");
        }
    }

    @Override
    public Optional<byte[]> get(String name) {
        String key = key(name);
        return objects.find(key).map(bytes -> documents.receiptOf(Sealed.open(key, bytes), key, name));
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
