package dev.reinstate.capture.source;

import dev.reinstate.capture.owner.Ownership;
import dev.reinstate.model.Column;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TenancyRules;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.Query;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.ddl.DdlMessage;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import dev.reinstate.postgres.pgoutput.PgOutputMessage.RelationColumn;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The shapes of tables as the stream announces them, completed with what it leaves out: column numbers, names of types
 * and the order of the key. The stream may speak of a shape that is history by now; what the catalogue no longer knows
 * is taken from the shape before, or done without. Not thread-safe.
 */
public final class StreamShapes {
    private final Supplier<Connection> connection;
    private final IntFunction<Optional<TableSchema>> recorded;
    private final Map<Integer, TableSchema> byOid = new HashMap<>();
    private final Map<Integer, TableSchema> told = new HashMap<>();
    private final Map<Integer, int[]> keptColumns = new HashMap<>();
    private final TenancyRules rules;
    private final ExcludedColumns excluded;
    private Catalogue catalogue;

    /** @param recorded a table's shape as the archive's catalogue history last has it */
    public StreamShapes(
            Supplier<Connection> connection, SourceTables tables, IntFunction<Optional<TableSchema>> recorded) {
        this.connection = connection;
        this.catalogue = tables.catalogue();
        this.rules = tables.rules();
        this.excluded = new ExcludedColumns(rules);
        this.recorded = recorded;
    }

    /** What an event trigger says at this place of the stream; empty when the message is something else. */
    public Optional<DdlMessage> hear(PgOutputMessage.LogicalMessage message) {
        return DdlMessage.read(message, connection.get()).map(said -> {
            if (said instanceof DdlMessage.Defined defined) {
                Table table = excluded.told(catalogue, defined.table());
                told.put(said.oid(), table.toSchema());
                return new DdlMessage.Defined(said.oid(), said.name(), said.command(), table);
            }
            return said;
        });
    }

    /** The shape of that table's tuples from here on; the same object as long as nothing changed. */
    public TableSchema announce(PgOutputMessage.Relation announced) {
        PgOutputMessage.Relation relation = withoutExcluded(announced);
        Optional<TableSchema> same = sameColumns(relation);
        TableSchema shape = new TableSchema(
                relation.oid(),
                relation.table(),
                same.map(TableSchema::columns).orElseGet(() -> columns(relation)),
                keyColumns(relation, same));
        TableSchema before = byOid.get(relation.oid());
        if (before != null && before.equals(shape)) {
            return before;
        }
        byOid.put(relation.oid(), shape);
        return shape;
    }

    private PgOutputMessage.Relation withoutExcluded(PgOutputMessage.Relation relation) {
        if (rules.exclusions().isEmpty()) {
            return relation;
        }
        if (catalogue.table(relation.oid()).isEmpty()) {
            catalogue = read();
        }
        List<RelationColumn> columns = relation.columns();
        int[] kept = IntStream.range(0, columns.size())
                .filter(i -> !excluded.leavesOut(
                        catalogue,
                        relation.oid(),
                        relation.table(),
                        columns.get(i).name()))
                .toArray();
        keptColumns.remove(relation.oid());
        if (kept.length == columns.size()) {
            return relation;
        }
        keptColumns.put(relation.oid(), kept);
        return new PgOutputMessage.Relation(
                relation.oid(),
                relation.table(),
                relation.identity(),
                IntStream.of(kept).mapToObj(columns::get).toList());
    }

    /** A tuple of the stream without the values of columns that must not be archived. */
    public Tuple kept(int oid, Tuple tuple) {
        int[] kept = keptColumns.get(oid);
        if (kept == null || tuple.columnCount() == 0) {
            return tuple;
        }
        Tuple.Builder builder = new Tuple.Builder(tuple.encoded().length);
        for (int column : kept) {
            builder.addColumn(tuple, column);
        }
        return builder.build();
    }

    private Catalogue read() {
        return SourceTables.of(Catalogue.read(connection.get()), rules).catalogue();
    }

    /**
     * The table as it is known from somewhere, when it has just these columns. Names alone do not tell a column: it may
     * have been renamed, and another have its name.
     */
    private Optional<TableSchema> sameColumns(PgOutputMessage.Relation relation) {
        Optional<TableSchema> said =
                Optional.ofNullable(told.get(relation.oid())).filter(shape -> hasColumns(shape, relation));
        Optional<TableSchema> known = said.or(() -> catalogued(relation));
        if (known.isEmpty() || catalogue.table(relation.oid()).isEmpty()) {
            catalogue = read();
        }
        return known.or(() -> catalogued(relation))
                .or(() -> recorded.apply(relation.oid()).filter(shape -> hasColumns(shape, relation)));
    }

    private Optional<TableSchema> catalogued(PgOutputMessage.Relation relation) {
        return catalogue
                .table(relation.oid())
                .filter(table -> !table.columns().isEmpty())
                .map(Table::toSchema)
                .filter(shape -> hasColumns(shape, relation));
    }

    private static boolean hasColumns(TableSchema shape, PgOutputMessage.Relation relation) {
        if (shape.columns().size() != relation.columns().size()) {
            return false;
        }
        for (int i = 0; i < shape.columns().size(); i++) {
            Column column = shape.columns().get(i);
            RelationColumn announced = relation.columns().get(i);
            if (!column.name().equals(announced.name()) || column.typeOid() != announced.typeOid()) {
                return false;
            }
        }
        return true;
    }

    /** The archive has learnt of tables: a column may have another number than it was thought to have. */
    public void review() {
        catalogue = read();
        byOid.replaceAll((oid, shape) -> catalogue
                .table(oid)
                .filter(table -> !table.columns().isEmpty())
                .map(Table::toSchema)
                .filter(now -> namesAndTypes(now).equals(namesAndTypes(shape)) && !now.equals(shape))
                .map(now -> new TableSchema(oid, shape.name(), now.columns(), shape.keyColumns()))
                .orElse(shape));
    }

    private static List<String> namesAndTypes(TableSchema shape) {
        return shape.columns().stream()
                .map(column -> column.name() + " " + column.typeOid())
                .toList();
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

    private List<Column> columns(PgOutputMessage.Relation relation) {
        Optional<Table> table = catalogue.table(relation.oid());
        List<Integer> numbers = numbers(relation);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < relation.columns().size(); i++) {
            RelationColumn column = relation.columns().get(i);
            if (numbers.isEmpty()) {
                columns.add(table.flatMap(found -> matching(found, column)).orElseGet(() -> historical(column, 0)));
            } else {
                columns.add(historical(column, numbers.get(i)));
            }
        }
        return columns;
    }

    /**
     * The numbers of the columns, in their order, where the table has all that it had when the archive last saw it: a number
     * never comes back, so it had them all the time between, whatever their names. Empty otherwise.
     */
    private List<Integer> numbers(PgOutputMessage.Relation relation) {
        Optional<List<Integer>> now = catalogue
                .table(relation.oid())
                .filter(table -> !table.columns().isEmpty())
                .map(table -> numbers(table.toSchema()));
        return recorded.apply(relation.oid())
                .map(StreamShapes::numbers)
                .filter(then -> now.filter(numbers -> numbers.containsAll(then)).isPresent())
                .filter(then -> then.size() == relation.columns().size() && !then.contains(0))
                .orElse(List.of());
    }

    private static List<Integer> numbers(TableSchema shape) {
        return shape.columns().stream().map(Column::attnum).toList();
    }

    private static Optional<Column> matching(Table table, RelationColumn column) {
        return table.column(column.name())
                .map(Table.TableColumn::column)
                .filter(found -> found.typeOid() == column.typeOid());
    }

    private Column historical(RelationColumn column, int number) {
        String typeName = Query.one(
                connection.get(),
                "Cannot name a type of the past",
                "SELECT coalesce(format_type(?::bigint::oid, ?), 'unknown')",
                row -> row.getString(1),
                Integer.toUnsignedLong(column.typeOid()),
                column.typeModifier());
        return new Column(number, column.name(), column.typeOid(), typeName);
    }

    /** In the key's order if it can be known: the catalogue's, the last shape's, else the columns' order. */
    private List<Integer> keyColumns(PgOutputMessage.Relation relation, Optional<TableSchema> same) {
        List<String> names =
                relation.columns().stream().map(RelationColumn::name).toList();
        List<String> identity = relation.columns().stream()
                .filter(RelationColumn::partOfKey)
                .map(RelationColumn::name)
                .toList();
        List<String> key = same.map(StreamShapes::keyNames)
                .or(() -> catalogue.table(relation.oid()).map(Table::rowKey))
                .orElse(List.of());
        if (key.isEmpty() || !identity.containsAll(key)) {
            TableSchema before = byOid.get(relation.oid());
            key = before == null ? List.of() : keyNames(before);
        }
        if (key.isEmpty() || !identity.containsAll(key)) {
            boolean wholeRow = relation.identity() == PgOutputMessage.ReplicaIdentity.FULL;
            key = wholeRow ? List.of() : identity;
        }
        return key.stream().map(names::indexOf).toList();
    }

    private static List<String> keyNames(TableSchema shape) {
        return shape.keyColumns().stream()
                .map(column -> shape.columns().get(column).name())
                .toList();
    }
}
