package dev.reinstate.capture.protection;

import dev.reinstate.capture.source.SourceTables;
import dev.reinstate.model.StoreIdentity;
import dev.reinstate.model.TableRule;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.postgres.catalogue.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Of which store an owner index is, and by which rules and keys its records were made. */
final class Fingerprint {
    private static final int LAYOUT_VERSION = 4;

    private Fingerprint() {}

    /**
     * The same whatever partitions and tenants' schemas come and go: their rows' records are made in the same way. The same
     * on every timeline, too: the index follows the archive, which says where a timeline begins.
     */
    static String of(StoreIdentity store, TenancyRules rules, SourceTables tables) {
        StringBuilder text = new StringBuilder().append(LAYOUT_VERSION).append('\n');
        rules.tables()
                .forEach((table, rule) ->
                        text.append(table).append(' ').append(rule).append('\n'));
        rules.patterns().forEach(pattern -> text.append(pattern).append('\n'));
        text.append(rules.tenantSchemas()).append('\n');
        for (Table table : tables.captured()) {
            boolean isPartition = !tables.catalogue().root(table.name()).equals(table.name());
            boolean isTenantsSchemas = tables.map().rules().get(table.name()) instanceof TableRule.BySchema;
            if (rules.tables().containsKey(table.name()) || !(isPartition || isTenantsSchemas)) {
                text.append(table.name()).append(' ').append(table.rowKey()).append('\n');
            }
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return Long.toUnsignedString(store.systemIdentifier()) + "/" + store.database() + " "
                    + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
