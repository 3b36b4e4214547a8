package dev.reinstate.postgres.replication;

import dev.reinstate.model.ReinstateException;

/**
 * What Reinstate puts into a source database, by name.
 *
 * @param slot the replication slot
 * @param rowsPublication tables with a replica identity, all operations
 * @param insertsPublication tables without, of which only INSERT and TRUNCATE can be published without making the
 *     user's UPDATE fail
 */
public record SourceNames(String slot, String rowsPublication, String insertsPublication) {
    /** The names for a store of that name: {@code [a-z0-9_]}, at most 40 characters. */
    public static SourceNames ofStore(String store) {
        if (!store.matches("[a-z0-9_]{1,40}")) {
            throw ReinstateException.invalid(
                    "\"" + store + "\" cannot be a store's name",
                    "slots and publications are named after it, from a-z, 0-9 and _, at most 40 characters",
                    "choose another name in the configuration");
        }
        String slot = "reinstate_" + store;
        return new SourceNames(slot, slot + "_rows", slot + "_inserts");
    }
}
