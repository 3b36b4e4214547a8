package dev.reinstate.postgres.catalogue;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A user's table as the catalogue has it.
 *
 * @param columns live columns in the catalogue's order, generated ones included
 * @param primaryKey names of the primary key's columns in key order; empty without one
 * @param identity what of an old row is written to the log
 * @param identityColumns names of the replica identity's columns in index order; all under FULL, none when there is no
 *     usable one
 * @param rowKey names of the columns that make a row's key here, empty when only inserts can be captured
 * @param parents the partitioned table it is a partition of, or the tables it inherits from
 * @param alwaysTriggers triggers that fire even under {@code session_replication_role = replica}
 * @param storage how its rows are stored
 * @param estimatedRows the planner's estimate, -1 when never analysed
 */
public record Table(
        int oid,
        TableName name,
        Kind kind,
        boolean logged,
        List<TableColumn> columns,
        List<String> primaryKey,
        Identity identity,
        List<String> identityColumns,
        List<String> rowKey,
        List<UniqueConstraint> uniqueConstraints,
        List<ForeignKey> foreignKeys,
        List<TableName> parents,
        List<String> alwaysTriggers,
        String owner,
        TableStorage storage,
        long estimatedRows) {

    /** What kind of table. */
    public enum Kind {
        ORDINARY,
        /** Holds no rows itself; its leaves do. */
        PARTITIONED,
        /** A leaf partition. */
        PARTITION
    }

    /** What of an old row is written to the log, as {@code ALTER TABLE … REPLICA IDENTITY} has it. */
    public enum Identity {
        DEFAULT,
        NOTHING,
        FULL,
        INDEX
    }

    /** Whether a column is an identity, and which. */
    public enum Numbering {
        NONE,
        BY_DEFAULT,
        /** No update may write a value into it, and an insert only expressly. */
        ALWAYS
    }

    /**
     * A column.
     *
     * @param generated computed by the server, neither captured nor restored
     * @param numbering {@code GENERATED … AS IDENTITY}
     * @param sequences what it may get values from: sequences that it owns, or that the column of the partitioned table
     *     it is a part of does, and those that its default names
     * @param equality how its values are compared
     */
    public record TableColumn(
            Column column,
            boolean notNull,
            boolean generated,
            Numbering numbering,
            Optional<String> defaultExpression,
            List<TableName> sequences,
            Equality equality) {
        public TableColumn {
            sequences = List.copyOf(sequences);
        }

        /** Whether it is {@code GENERATED … AS IDENTITY}. */
        public boolean identityColumn() {
            return numbering != Numbering.NONE;
        }

        public String name() {
            return column.name();
        }
    }

    /** A unique index: of a constraint, the primary key's included, or plain without predicate and expressions. */
    public record UniqueConstraint(String name, List<String> columns, boolean deferrable, boolean nullsNotDistinct) {
        public UniqueConstraint {
            columns = List.copyOf(columns);
        }
    }

    /**
     * A foreign key.
     *
     * @param columns referencing columns
     * @param referencedColumns in the same order
     * @param onDelete what the server does with this row when the referenced one goes
     */
    public record ForeignKey(
            String name,
            List<String> columns,
            TableName referenced,
            List<String> referencedColumns,
            OnDelete onDelete,
            boolean deferrable) {
        public ForeignKey {
            columns = List.copyOf(columns);
            referencedColumns = List.copyOf(referencedColumns);
        }
    }

    /** A foreign key's action on delete. */
    public enum OnDelete {
        NO_ACTION,
        RESTRICT,
        CASCADE,
        SET_NULL,
        SET_DEFAULT
    }

    public Table {
        columns = List.copyOf(columns);
        primaryKey = List.copyOf(primaryKey);
        identityColumns = List.copyOf(identityColumns);
        rowKey = List.copyOf(rowKey);
        uniqueConstraints = List.copyOf(uniqueConstraints);
        foreignKeys = List.copyOf(foreignKeys);
        parents = List.copyOf(parents);
        alwaysTriggers = List.copyOf(alwaysTriggers);
    }

    public Optional<TableColumn> column(String columnName) {
        return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
    }

    /** How values of one of its columns are compared. */
    public Equality equality(String columnName) {
        return column(columnName)
                .map(TableColumn::equality)
                .orElseThrow(() -> new IllegalStateException(name + " has no column " + columnName));
    }

    /** The same table as though it did not have those columns; how its rows are stored is told of all of them. */
    public Table without(Set<String> names) {
        if (names.isEmpty()) {
            return this;
        }
        return new Table(
                oid,
                name,
                kind,
                logged,
                columns.stream().filter(c -> !names.contains(c.name())).toList(),
                primaryKey,
                identity,
                identityColumns.stream().filter(c -> !names.contains(c)).toList(),
                rowKey,
                uniqueConstraints.stream()
                        .filter(unique -> Collections.disjoint(unique.columns(), names))
                        .toList(),
                foreignKeys.stream()
                        .filter(reference -> Collections.disjoint(reference.columns(), names))
                        .toList(),
                parents,
                alwaysTriggers,
                owner,
                storage,
                estimatedRows);
    }

    /** Whether updates and deletes can be captured. */
    public boolean hasKey() {
        return !rowKey.isEmpty();
    }

    /** The shape of its tuples: all columns that are not generated, in the catalogue's (and the stream's) order. */
    public TableSchema toSchema() {
        List<Column> stored = new ArrayList<>();
        columns.stream().filter(c -> !c.generated()).forEach(c -> stored.add(c.column()));
        List<String> names = stored.stream().map(Column::name).toList();
        return new TableSchema(
                oid, name, stored, rowKey.stream().map(names::indexOf).toList());
    }
}
