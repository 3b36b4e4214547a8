package dev.reinstate.capture.protection;

import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TenancyMap;
import dev.reinstate.postgres.catalogue.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Of which store an owner index is, and by which rules and keys its records were made. */
final class Fingerprint {
    private static final int LAYOUT_VERSION = 1;

    private Fingerprint() {}

    static String of(StoreIdentity store, TenancyMap map, SourceTables tables) {
        StringBuilder text = new StringBuilder().append(LAYOUT_VERSION).append('\n');
        map.rules()
                .forEach((table, rule) ->
                        text.append(table).append(' ').append(rule).append('\n'));
        for (Table table : tables.captured()) {
            if (map.rules().containsKey(table.name())) {
                text.append(table.name()).append(' ').append(table.rowKey()).append('\n');
            }
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return store + " " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
