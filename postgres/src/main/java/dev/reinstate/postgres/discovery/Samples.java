package dev.reinstate.postgres.discovery;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Samples of tables, never larger than the limits: some pages of the largest parts of a table, chosen by the server with
 * {@code TABLESAMPLE SYSTEM} and the same seed each time. Looking at rows of other tables goes by their indexes alone.
 */
final class Samples {
    private static final String FAILURE = "Cannot look at a sample of the data";
    private static final int PARTS = 4;

    /** A sample's rows come from so many pages, and there are so many in all. */
    private record Size(long pages, double rowsPerPage) {}

    private final Connection connection;
    private final Catalogue catalogue;
    private final LogicalTables logical;
    private final DataChecks.Limits limits;
    private final Map<TableName, Size> sizes = new HashMap<>();
    private final Map<TableName, String> unreadable = new HashMap<>();
    private int statements;
    private long pages;

    Samples(Connection connection, Catalogue catalogue, LogicalTables logical, DataChecks.Limits limits) {
        this.connection = connection;
        this.catalogue = catalogue;
        this.logical = logical;
        this.limits = limits;
        readSizes();
    }

    private void readSizes() {
        Map<Long, TableName> names = new HashMap<>();
        catalogue.tables().forEach(table -> names.put(Integer.toUnsignedLong(table.oid()), table.name()));
        statements++;
        Query.list(connection, FAILURE, """
                SELECT c.oid::bigint AS oid, coalesce(pg_relation_size(c.oid), 0) AS bytes,
                       current_setting('block_size')::int AS page, c.relpages, c.reltuples
                  FROM pg_class c WHERE c.relkind = 'r'
                """, row -> {
            TableName name = names.get(row.getLong("oid"));
            if (name != null) {
                boolean analysed = row.getLong("relpages") > 0 && row.getDouble("reltuples") > 0;
                sizes.put(
                        name,
                        new Size(
                                row.getLong("bytes") / row.getInt("page"),
                                analysed ? row.getDouble("reltuples") / row.getLong("relpages") : 0));
            }
            return 0;
        });
    }

    /** About so many rows has a table that holds rows itself; empty when neither statistics nor a look tell. */
    Optional<Long> estimatedRows(TableName table) {
        return Optional.ofNullable(sizes.get(table))
                .filter(size -> size.pages() == 0 || size.rowsPerPage() > 0)
                .map(size -> Math.round(size.pages() * size.rowsPerPage()));
    }

    /** Whether the table, or a part of it, has pages. */
    boolean hasRows(TableName root) {
        return Stream.concat(Stream.of(root), logical.parts(root).stream().map(Table::name))
                .anyMatch(part -> Optional.ofNullable(sizes.get(part))
                        .filter(size -> size.pages() > 0)
                        .isPresent());
    }

    /** A query of a sample of those columns; empty when the table has no pages. */
    Optional<String> of(TableName root, List<String> columns) {
        record Part(TableName name, Size size) {}
        List<Part> filled = Stream.concat(
                        Stream.of(root), logical.parts(root).stream().map(Table::name))
                .flatMap(name -> Optional.ofNullable(sizes.get(name)).map(size -> new Part(name, size)).stream())
                .filter(part -> part.size().pages() > 0)
                .sorted(Comparator.comparingLong((Part part) -> -part.size().pages())
                        .thenComparing(Part::name))
                .limit(PARTS)
                .toList();
        if (filled.isEmpty() || columns.isEmpty()) {
            return Optional.empty();
        }
        int rows = Math.max(1, limits.rows() / filled.size());
        String list = Sql.identifiers(columns);
        return Optional.of(filled.stream()
                .map(part -> "(SELECT " + list + " FROM ONLY " + Sql.table(part.name()) + " TABLESAMPLE SYSTEM ("
                        + percent(part.size(), limits.pages() / filled.size()) + ") REPEATABLE (1) LIMIT " + rows
                        + ")")
                .collect(Collectors.joining(" UNION ALL ")));
    }

    private double percent(Size size, int mostPages) {
        double wanted = size.rowsPerPage() > 0
                ? Math.clamp(limits.rows() / size.rowsPerPage(), Math.min(4, mostPages), mostPages)
                : mostPages;
        pages += Math.min(size.pages(), (long) Math.ceil(wanted));
        return Math.min(100, 100 * wanted / size.pages());
    }

    /** The query's rows; none, and a remark for the table, where the role may not read it or it takes too long. */
    <T> List<T> list(TableName table, String sql, Query.RowReader<T> reader) {
        statements++;
        try {
            return Query.list(connection, FAILURE, sql, reader);
        } catch (ReinstateException e) {
            if (e.kind() == FailureKind.BUG || e.kind() == FailureKind.DAMAGED || isLost(connection)) {
                throw e;
            }
            unreadable.put(table, e.why());
            return List.of();
        }
    }

    private static boolean isLost(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /** Why the table could not be looked at, if it could not. */
    Optional<String> unreadable(TableName table) {
        return Optional.ofNullable(unreadable.get(table));
    }

    int statements() {
        return statements;
    }

    long pages() {
        return pages;
    }
}
