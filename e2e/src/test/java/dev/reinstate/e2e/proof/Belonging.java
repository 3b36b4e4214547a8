package dev.reinstate.e2e.proof;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

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

    /** Where the first of those parents' rows belongs that is named at all. */
    record Several(List<Path> paths) implements Belonging {
        public Several {
            paths = List.copyOf(paths);
        }

        /** A condition: it is named by none of those that come before that one. */
        String isFirst(Path path, String alias) {
            return paths.subList(0, paths.indexOf(path)).stream()
                    .flatMap(sooner -> sooner.columns().stream())
                    .map(column -> alias + "." + ProofTable.quote(column) + " IS NULL AND ")
                    .collect(Collectors.joining());
        }
    }

    /** Where the row belongs that a text and a key name; it may be of the same table. */
    record Type(String typeColumn, String idColumn, SortedMap<String, ProofTable> parents) implements Belonging {
        /** The same among all tables but that one. */
        Type without(ProofTable table) {
            SortedMap<String, ProofTable> others = new TreeMap<>(parents);
            others.values().removeIf(parent -> parent == table);
            return new Type(typeColumn, idColumn, others);
        }

        /** The text that stands for that table; empty for none. */
        Optional<String> textOf(ProofTable table) {
            return parents.entrySet().stream()
                    .filter(parent -> parent.getValue() == table)
                    .map(Map.Entry::getKey)
                    .findFirst();
        }
    }

    record Schema(String tenant) implements Belonging {}

    record Shared() implements Belonging {}
}
