package dev.reinstate.e2e.proof;

import dev.reinstate.model.Lsn;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What plain SQL said of every row at one position.
 *
 * @param position behind every commit that was seen and before every other
 * @param tables what the physical tables were, by oid
 * @param rows by owner (a tenant's id, {@link #SHARED} or {@link #NOBODY}) and table oid, each row as one line, sorted
 * @param loose rows whose parents are gone, so that nothing but the ledger tells whose they were
 */
record Truth(
        Lsn position,
        Map<Integer, Shape> tables,
        SortedMap<String, SortedMap<Integer, List<String>>> rows,
        Set<Row> loose) {
    static final String SHARED = "*shared*";
    static final String NOBODY = "*nobody*";

    /** A table that holds rows, what it is a part of, and its stored columns by number. */
    record Shape(String name, ProofTable table, SortedMap<Integer, Column> columns) {}

    /** A row of a table, as one line. */
    record Row(int oid, String line) {}

    /** A column. */
    record Column(String name, long typeOid) {}

    SortedMap<Integer, List<String>> of(String owner) {
        return rows.getOrDefault(owner, new TreeMap<>());
    }

    SortedSet<String> tenants() {
        SortedSet<String> tenants = new TreeSet<>(rows.keySet());
        tenants.remove(SHARED);
        tenants.remove(NOBODY);
        return tenants;
    }
}
