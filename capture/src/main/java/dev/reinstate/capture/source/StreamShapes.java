package dev.reinstate.capture.source;

import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.model.Column;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.RelationColumn;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The shapes of tables as the stream announces them, completed with what it leaves out: column numbers, names of types
 * and the order of the key. The stream may speak of a shape that is history by now; what the catalogue no longer knows
 * is taken from the shape before, or done without. Not thread-safe.
 */
public final class StreamShapes {
    private final Supplier<Connection> connection;
    private final Map<Integer, TableSchema> byOid = new HashMap<>();
    private Catalogue catalogue;

    public StreamShapes(Supplier<Connection> connection, Catalogue catalogue) {
        this.connection = connection;
        this.catalogue = catalogue;
    }

    /** The shape of that table's tuples from here on; the same object as long as nothing changed. */
    public TableSchema announce(PgOutputMessage.Relation relation) {
        if (!isKnown(relation)) {
            catalogue = Catalogue.read(connection.get());
        }
        TableSchema shape = new TableSchema(relation.oid(), relation.table(), columns(relation), keyColumns(relation));
        TableSchema before = byOid.get(relation.oid());
        if (before != null && before.equals(shape)) {
            return before;
        }
        byOid.put(relation.oid(), shape);
        return shape;
    }

    /** The topmost table of a partition; of any other table the table itself. */
    public Ownership.Root root(TableSchema shape) {
        return catalogue
                .table(shape.oid())
                .map(table -> catalogue.require(catalogue.root(table.name())))
                .map(root -> new Ownership.Root(root.oid(), root.name()))
                .orElse(new Ownership.Root(shape.oid(), shape.name()));
    }

    /** The shape last announced under that oid. */
    public TableSchema require(int oid) {
        TableSchema shape = byOid.get(oid);
        if (shape == null) {
            throw ReinstateException.bug(
                    "A change of table " + Integer.toUnsignedString(oid), "the stream has not announced its shape");
        }
        return shape;
    }

    private boolean isKnown(PgOutputMessage.Relation relation) {
        return catalogue
                .table(relation.oid())
                .filter(table -> relation.columns().stream()
                        .allMatch(column -> matching(table, column).isPresent()))
                .isPresent();
    }

    private List<Column> columns(PgOutputMessage.Relation relation) {
        Optional<Table> table = catalogue.table(relation.oid());
        List<Column> columns = new ArrayList<>();
        for (RelationColumn column : relation.columns()) {
            columns.add(table.flatMap(found -> matching(found, column)).orElseGet(() -> historical(column)));
        }
        return columns;
    }

    private static Optional<Column> matching(Table table, RelationColumn column) {
        return table.column(column.name())
                .map(Table.TableColumn::column)
                .filter(found -> found.typeOid() == column.typeOid());
    }

    private Column historical(RelationColumn column) {
        String typeName = Query.one(
                connection.get(),
                "Cannot name a type of the past",
                "SELECT coalesce(format_type(?::bigint::oid, ?), 'unknown')",
                row -> row.getString(1),
                Integer.toUnsignedLong(column.typeOid()),
                column.typeModifier());
        return new Column(0, column.name(), column.typeOid(), typeName);
    }

    /** In the key's order if it can be known: the catalogue's, the last shape's, else the columns' order. */
    private List<Integer> keyColumns(PgOutputMessage.Relation relation) {
        List<String> names =
                relation.columns().stream().map(RelationColumn::name).toList();
        List<String> identity = relation.columns().stream()
                .filter(RelationColumn::partOfKey)
                .map(RelationColumn::name)
                .toList();
        List<String> key = catalogue.table(relation.oid()).map(Table::rowKey).orElse(List.of());
        if (key.isEmpty() || !identity.containsAll(key)) {
            TableSchema before = byOid.get(relation.oid());
            key = before == null
                    ? List.of()
                    : before.keyColumns().stream()
                            .map(column -> before.columns().get(column).name())
                            .toList();
        }
        if (key.isEmpty() || !identity.containsAll(key)) {
            boolean wholeRow = relation.identity() == PgOutputMessage.ReplicaIdentity.FULL;
            key = wholeRow ? List.of() : identity;
        }
        return key.stream().map(names::indexOf).toList();
    }
}
