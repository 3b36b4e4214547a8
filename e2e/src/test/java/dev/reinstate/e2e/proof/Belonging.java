package dev.reinstate.e2e.proof;

import java.util.List;
import java.util.SortedMap;

/** How a row of a made-up table belongs to a tenant: what the generator knows, and the oracle's SQL follows from. */
sealed interface Belonging {
    /** The tenant table. */
    record Tenant() implements Belonging {}

    record Column(String column) implements Belonging {}

    /**
     * Where the parent's row belongs.
     *
     * @param toKey whether it leads to the parent's row key and not to another unique value
     */
    record Path(List<String> columns, ProofTable parent, List<String> parentColumns, boolean toKey)
            implements Belonging {}

    /** Where the row belongs that a text and a key name. */
    record Type(String typeColumn, String idColumn, SortedMap<String, ProofTable> parents) implements Belonging {}

    record Schema(String tenant) implements Belonging {}

    record Shared() implements Belonging {}
}
