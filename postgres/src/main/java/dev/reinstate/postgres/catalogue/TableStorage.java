package dev.reinstate.postgres.catalogue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the catalogue says of how a table's rows are stored. The change stream does not show when the server rewrites
 * them; a difference of this does.
 *
 * @param fileNode another one after every rewrite, TRUNCATE included; 0 for a partitioned table
 * @param logged whether changes of rows are written to the log
 * @param memberships by which the table, or one it is a partition of, is in publications of ours; others after it was out
 *     of them for a while
 * @param numbered how many numbers columns were given so far, those of dropped columns included; 0 when not known
 * @param columns live columns, by number
 */
public record TableStorage(
        long fileNode, boolean logged, Set<Long> memberships, int numbered, List<ColumnStorage> columns) {
    private static final String NUMBERED = "numbered,";

    /**
     * One column.
     *
     * @param version of the column's row in the catalogue: another one whenever the column was altered
     * @param fillsIn whether rows that lack the column have a default of the time when it was added
     * @param generated computed by the server
     */
    public record ColumnStorage(int attnum, int typeOid, long version, boolean fillsIn, boolean generated) {
        private String text() {
            return attnum + ":" + Integer.toUnsignedString(typeOid) + ":" + version + (fillsIn ? "f" : "")
                    + (generated ? "g" : "");
        }

        private static ColumnStorage parse(String text) {
            String[] parts = text.split(":", -1);
            String version = parts[2].replaceAll("[fg]", "");
            return new ColumnStorage(
                    Integer.parseInt(parts[0]),
                    Integer.parseUnsignedInt(parts[1]),
                    Long.parseLong(version),
                    parts[2].contains("f"),
                    parts[2].contains("g"));
        }
    }

    public TableStorage {
        memberships = Collections.unmodifiableSortedSet(new TreeSet<>(memberships));
        columns = List.copyOf(columns);
    }

    public Optional<ColumnStorage> column(int attnum) {
        return columns.stream().filter(column -> column.attnum() == attnum).findFirst();
    }

    /** One line, from which {@link #parse} makes an equal one. */
    public String text() {
        return "file " + fileNode + (logged ? " logged" : " unlogged") + " published"
                + memberships.stream().map(oid -> "," + oid).collect(Collectors.joining())
                + (numbered > 0 ? " " + NUMBERED + numbered : "")
                + columns.stream().map(column -> " " + column.text()).collect(Collectors.joining());
    }

    /** Empty for a text that is not one of these. */
    public static Optional<TableStorage> parse(String text) {
        String[] words = text.split(" ", -1);
        if (words.length < 4 || !words[0].equals("file")) {
            return Optional.empty();
        }
        try {
            List<ColumnStorage> columns = new ArrayList<>();
            Set<Long> memberships = new TreeSet<>();
            List<String> oids = List.of(words[3].split(",", -1));
            oids.subList(1, oids.size()).forEach(oid -> memberships.add(Long.parseLong(oid)));
            // histories of before had no such word
            boolean isNumbered = words.length > 4 && words[4].startsWith(NUMBERED);
            int numbered = isNumbered ? Integer.parseInt(words[4].substring(NUMBERED.length())) : 0;
            for (int i = isNumbered ? 5 : 4; i < words.length; i++) {
                columns.add(ColumnStorage.parse(words[i]));
            }
            return Optional.of(new TableStorage(
                    Long.parseLong(words[1]), words[2].equals("logged"), memberships, numbered, columns));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
