package dev.reinstate.archive;

import java.util.List;
import java.util.Optional;

/** The narrow door through which restore leaves its receipts in the archive. Receipts are never changed. */
public interface ReceiptStore {
    /** Stores a document durably; {@code CONFLICT} if one of that name exists. Names are {@code [a-z0-9.-]+}. */
    void put(String name, byte[] json);

    Optional<byte[]> get(String name);

    /** Names in ascending order. */
    List<String> list();
}
