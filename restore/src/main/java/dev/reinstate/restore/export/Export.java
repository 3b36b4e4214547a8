package dev.reinstate.restore.export;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Column;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import dev.reinstate.model.TenantId;
import dev.reinstate.model.Tuple;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Writes a tenant's rows of one position into a new directory. */
public final class Export {
    private final ArchiveReader archive;

    public Export(ArchiveReader archive) {
        this.archive = archive;
    }

    /** What was written where. */
    public record Result(Path directory, SortedMap<TableName, Long> rows) {}

    /**
     * @param tables which tables to write; {@code INVALID} when the tenant has no row in any of them then
     * @param directory a name that is not taken, else {@code INVALID}
     */
    public Result write(
            TenantId tenant, Lsn position, ExportFormat format, Predicate<TableName> tables, Path directory) {
        archive.requireRestorable(position);
        Map<TableName, List<TableSchema>> shapes = shapes(tenant, position, tables);
        if (shapes.isEmpty()) {
            throw ReinstateException.invalid(
                    "Tenant " + tenant + " has no rows to export",
                    "it has none at " + position + " in the tables asked for",
                    "see `reinstate history " + tenant + "` for when it had");
        }
        try (NewDirectory created = NewDirectory.create(directory)) {
            SortedMap<TableName, Long> rows = format == ExportFormat.SQL
                    ? oneFile(tenant, position, shapes, created)
                    : filePerTable(tenant, position, format, shapes, created);
            return new Result(created.publish(), rows);
        } catch (IOException e) {
            throw NewDirectory.failed(directory, e);
        }
    }

    /** The tables with rows, those that others lead to first, and the shapes their rows have. */
    private Map<TableName, List<TableSchema>> shapes(TenantId tenant, Lsn position, Predicate<TableName> tables) {
        Map<TableName, List<TableSchema>> found = new TreeMap<>();
        Map<Integer, TableName> names = names(position);
        try (RowStream fold = archive.verifiedFold(
                Partition.of(tenant), position, table -> tables.test(names.getOrDefault(table.oid(), table.name())))) {
            TableSchema last = null;
            while (fold.hasNext()) {
                TableSchema shape = fold.next().table();
                if (!shape.equals(last)) {
                    List<TableSchema> known = found.computeIfAbsent(
                            names.getOrDefault(shape.oid(), shape.name()), name -> new ArrayList<>());
                    if (!known.contains(shape)) {
                        known.add(shape);
                    }
                    last = shape;
                }
            }
        }
        Map<TableName, List<TableSchema>> ordered = new LinkedHashMap<>();
        for (TableName table : archive.state().tenancyMap().tenantTablesParentsFirst()) {
            List<TableSchema> known = found.remove(table);
            if (known != null) {
                ordered.put(table, known);
            }
        }
        ordered.putAll(found);
        return ordered;
    }

    /** What each table was called at that position, as far as that is known: its rows may have been written under other names. */
    private Map<Integer, TableName> names(Lsn position) {
        Map<Integer, TableName> names = new HashMap<>();
        archive.salvagedCatalogueHistory().versions().stream()
                .filter(version -> !position.isBefore(version.position()))
                .sorted(Comparator.comparing(TableVersion::position))
                .forEach(version -> names.put(version.oid(), version.name()));
        return names;
    }

    private SortedMap<TableName, Long> oneFile(
            TenantId tenant, Lsn position, Map<TableName, List<TableSchema>> shapes, NewDirectory directory)
            throws IOException {
        SortedMap<TableName, Long> rows = new TreeMap<>();
        try (OutputStream output = directory.newFile("tenant.sql")) {
            output.write(head(position).getBytes(StandardCharsets.UTF_8));
            for (Map.Entry<TableName, List<TableSchema>> table : shapes.entrySet()) {
                for (TableSchema shape : table.getValue()) { // a block has one list of columns
                    RowWriter writer = RowWriter.of(ExportFormat.SQL, output, table.getKey(), shape.columns());
                    long count = write(tenant, position, List.of(shape), shape.columns(), writer);
                    rows.merge(table.getKey(), count, Long::sum);
                }
            }
            output.write("COMMIT;\n".getBytes(StandardCharsets.UTF_8));
        }
        return rows;
    }

    private static String head(Lsn position) {
        return """
            -- Rows of one tenant at position %s, exported by Reinstate. Load with psql; where tables reference each
            -- other in a circle, as a role that may: PGOPTIONS='-c session_replication_role=replica' psql -f tenant.sql
            BEGIN;
            SET LOCAL client_encoding = 'UTF8';
            SET LOCAL DateStyle = 'ISO, MDY';
            SET LOCAL IntervalStyle = 'postgres';
            SET LOCAL TimeZone = 'UTC';
            SET LOCAL lc_monetary = 'C';
            SET LOCAL xmloption = 'content';
            SET LOCAL array_nulls = on;
            SET LOCAL statement_timeout = 0;
            SET LOCAL search_path = '';
            SET CONSTRAINTS ALL DEFERRED;

            """.formatted(position);
    }

    private SortedMap<TableName, Long> filePerTable(
            TenantId tenant,
            Lsn position,
            ExportFormat format,
            Map<TableName, List<TableSchema>> shapes,
            NewDirectory directory)
            throws IOException {
        SortedMap<TableName, Long> rows = new TreeMap<>();
        String suffix = format == ExportFormat.CSV ? ".csv" : ".ndjson";
        for (Map.Entry<TableName, List<TableSchema>> table : shapes.entrySet()) {
            List<Column> columns = union(table.getValue());
            try (OutputStream output = directory.newFile(fileName(table.getKey()) + suffix)) {
                RowWriter writer = RowWriter.of(format, output, table.getKey(), columns);
                rows.put(table.getKey(), write(tenant, position, table.getValue(), columns, writer));
            }
        }
        return rows;
    }

    /** A table's name with whatever a file system might mind replaced by its code. */
    private static String fileName(TableName table) {
        StringBuilder name = new StringBuilder();
        table.toString().codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.') {
                name.appendCodePoint(c);
            } else {
                name.append('%').append(Integer.toHexString(c));
            }
        });
        return name.toString();
    }

    private static List<Column> union(List<TableSchema> shapes) {
        Map<String, Column> columns = new LinkedHashMap<>();
        shapes.forEach(shape -> shape.columns().forEach(column -> columns.put(column.name(), column)));
        return List.copyOf(columns.values());
    }

    private long write(TenantId tenant, Lsn position, List<TableSchema> shapes, List<Column> columns, RowWriter writer)
            throws IOException {
        long rows = 0;
        Set<Integer> oids = shapes.stream().map(TableSchema::oid).collect(Collectors.toSet());
        writer.begin();
        try (RowStream fold =
                archive.verifiedFold(Partition.of(tenant), position, table -> oids.contains(table.oid()))) {
            while (fold.hasNext()) {
                FoldedRow row = fold.next();
                if (shapes.contains(row.table())) {
                    writer.add(arranged(row, columns));
                    rows++;
                }
            }
        }
        writer.end();
        return rows;
    }

    /** The row with those columns, NULL for one that its shape does not have. */
    private static Tuple arranged(FoldedRow row, List<Column> columns) {
        if (row.table().columns().equals(columns)) {
            return row.tuple();
        }
        Tuple.Builder builder = new Tuple.Builder(row.tuple().encoded().length);
        for (Column column : columns) {
            int at = row.table().indexOf(column.name());
            if (at < 0) {
                builder.addNull();
            } else {
                builder.addColumn(row.tuple(), at);
            }
        }
        return builder.build();
    }
}
