package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.ChangeStream;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Operation;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.restore.content.TupleColumns;
import dev.reinstate.restore.schema.TypeReader;
import java.sql.Connection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A tenant's rows of then as rows of today's tables: under the names that tables and columns have now, as far as these
 * are known or were decided, and with values as today's types write them. Not thread-safe.
 */
public final class ThenRows {
    private static final int MAX_ROWS = 2_000;
    private static final int MAX_BYTES = 4 << 20;

    private final ArchiveReader archive;
    private final TargetTables target;
    private final RestoreRequest request;
    private final TypeReader types;
    private final BiPredicate<TableName, TableColumn> convert;
    private final ThenNames names;
    private final Map<TableSchema, Optional<ShapeEdit>> edits = new LinkedHashMap<>();
    private final Map<TableSchema, ReferenceEdit> references = new LinkedHashMap<>();
    private final GoneReferences gone;
    private final LostValues lost;
    private final Map<Integer, Undecided> undecided = new LinkedHashMap<>();

    /** Rows of a table that do not go anywhere before a person says where; counted by the reading that met them first. */
    private record Undecided(Edited reading, TableSchema shape, long rows) {}

    /** References that lead nowhere, and who is told when one is taken away. */
    private record Dangling(GoneReferences gone, LostValues lost) {}

    private ThenRows(
            ArchiveReader archive,
            TargetTables target,
            RestoreRequest request,
            TypeReader types,
            Dangling dangling,
            BiPredicate<TableName, TableColumn> convert) {
        this.archive = archive;
        this.target = target;
        this.request = request;
        this.types = types;
        this.gone = dangling.gone();
        this.lost = dangling.lost();
        this.names = new ThenNames(target, request.position());
        this.convert = convert;
    }

    /** For a plan: what became of types that have changed, or may have, is found out. */
    static ThenRows toPlan(
            ArchiveReader archive,
            TargetTables target,
            RestoreRequest request,
            Connection connection,
            GoneReferences gone) {
        Dangling dangling = new Dangling(gone, LostValues.UNKEPT);
        return new ThenRows(archive, target, request, new TypeReader(connection), dangling, (table, column) -> true);
    }

    /** To carry a plan out: only columns are looked at in which it has found values that are written differently. */
    public static ThenRows toApply(
            ArchiveReader archive, TargetTables target, RestorePlan plan, Connection connection, LostValues lost) {
        Map<TableName, TableLayout> layouts = new HashMap<>();
        plan.layouts().forEach(layout -> layouts.put(layout.name(), layout));
        plan.shared().layouts().forEach(layout -> layouts.put(layout.name(), layout));
        Dangling dangling = new Dangling(plan.gone(), lost);
        return new ThenRows(archive, target, plan.request(), new TypeReader(connection), dangling, (table, column) -> {
            TableLayout layout = layouts.get(table);
            return layout != null && layout.converted().contains(column.name());
        });
    }

    /** The same rows, to be read once more without that being told again. */
    ThenRows again() {
        return new ThenRows(archive, target, request, types, new Dangling(gone, LostValues.UNKEPT), convert);
    }

    /** Those of tables, by the names of now, that are asked for; sorted as {@link ArchiveReader#fold} has them. */
    RowStream fold(Predicate<TableName> tables) {
        return fold(Partition.of(request.tenant()), tables, row -> true);
    }

    /**
     * Rows of any partition; the tenant's own are held against the content hashes that the archive keeps.
     *
     * @param tables by the names of now
     * @param rows those asked for, as the archive has them
     */
    RowStream fold(Partition partition, Predicate<TableName> tables, Predicate<FoldedRow> rows) {
        Predicate<TableSchema> asked = then -> names.mayGoTo(then, tables);
        RowStream all = partition.equals(Partition.of(request.tenant()))
                ? archive.verifiedFold(partition, request.position(), asked)
                : archive.fold(partition, request.position(), asked);
        RowStream aged =
                new AgedRows(all, this::sureShape, oid -> target.lineage().goneAt(oid, request.position()));
        return new Edited(
                tables,
                new ChosenRows<>(aged, aged::close, row -> Optional.of(row).filter(rows)));
    }

    private Optional<TableSchema> sureShape(int oid) {
        boolean sure = archive.state().uncertain().stream()
                .noneMatch(interval -> interval.oid() == oid && interval.covers(request.position()));
        return sure ? target.lineage().shapeAt(oid, request.position()) : Optional.empty();
    }

    /** Rows of that table, by its name of now, that were nobody's then. */
    RowStream nobodysThen(TableName table) {
        return fold(Partition.UNATTRIBUTED, table::equals, row -> true);
    }

    /** Rows of that table that were inserted since and were nobody's, as far as the archive goes. */
    RowStream nobodysSince(TableName table) {
        ChangeStream changes = archive.changes(
                Partition.UNATTRIBUTED, request.position(), archive.state().durableTo());
        return new Edited(
                table::equals,
                new ChosenRows<>(
                        changes,
                        changes::close,
                        change -> Optional.of(change)
                                .filter(made -> made.operation() == Operation.INSERT)
                                .filter(made -> names.mayGoTo(made.table(), table::equals))
                                .map(made -> new FoldedRow(made.table(), made.key(), made.tuple()))));
    }

    /** Those shared rows. */
    public RowStream foldShared(SharedRows wanted) {
        return fold(Partition.SHARED, wanted::hasTable, wanted::has);
    }

    /** What types of now have made of values so far. */
    TypeReader types() {
        return types;
    }

    /** Whether a type of now does not take, or may not take, a value of that row: the plan says so, and nothing else is asked of it. */
    boolean isRefused(TableLayout table, RowShape shape, Tuple row) {
        return types.haveRefused()
                && table.table().columns().stream().anyMatch(column -> {
                    int at = shape.sourceOf(column.name());
                    String type = column.column().typeName();
                    return at >= 0
                            && types.refuses(type)
                            && row.text(at)
                                    .filter(text -> types.mayRefuse(type, text))
                                    .isPresent();
                });
    }

    /** What a column of then that a table of now does not have is likely called now. */
    Optional<String> likely(TableName table, String column) {
        return names.likely(table, column);
    }

    /** Whether values of then likely belong into that column. */
    boolean isLikely(TableName table, String now) {
        return names.isLikely(table, now);
    }

    /**
     * Columns of then that the table does not have, and likely has under another name, where its row has another value than
     * the row of then.
     */
    Stream<String> differElsewhere(TableLayout table, RowShape shape, Tuple then, Tuple live) {
        List<String> columns = table.goneColumns();
        return IntStream.range(0, columns.size())
                .filter(i -> shape.gone()[i] >= 0)
                .filter(i -> names.likely(table.name(), columns.get(i))
                        .map(table.liveColumns()::indexOf)
                        .filter(now -> now >= 0 && !TupleColumns.isSame(then, shape.gone()[i], live, now))
                        .isPresent())
                .mapToObj(columns::get);
    }

    /** Columns in which values of rows of those shapes, as they are called now, may be ordered in another way. */
    Set<String> reordering(List<TableSchema> shapes) {
        Set<String> columns = new TreeSet<>();
        shapes.forEach(shape -> newEdit(shape).ifPresent(edit -> columns.addAll(edit.reordering())));
        return columns;
    }

    /** Columns in which values of rows of those shapes were written differently by their type. */
    Set<String> changed(List<TableSchema> shapes) {
        Set<String> columns = new TreeSet<>();
        shapes.forEach(
                shape -> edits.getOrDefault(shape, Optional.empty()).ifPresent(edit -> columns.addAll(edit.changed())));
        return columns;
    }

    /** Labels that rows read so far had and that are mapped, each behind its type and a dot. */
    Set<String> mappedLabels() {
        Set<String> labels = new TreeSet<>();
        edits.values().forEach(edit -> edit.ifPresent(found -> labels.addAll(found.mappedLabels())));
        return labels;
    }

    /** What changes of the schema meant for the rows read so far. */
    List<SchemaEffect> effects() {
        List<SchemaEffect> all = new ArrayList<>(names.effects());
        edits.values().forEach(edit -> edit.ifPresent(found -> found.report(all::add)));
        references.values().forEach(edit -> edit.report(all::add));
        return all;
    }

    /** What a person has to decide for the rows read so far. */
    List<Problem> problems() {
        undecided.values().stream()
                .filter(found -> !request.leavesOut(found.shape().name()))
                .forEach(found -> names.undecided(found.shape(), found.rows()));
        return List.copyOf(names.problems());
    }

    private Optional<ShapeEdit> editOf(TableSchema shape) {
        return edits.computeIfAbsent(shape, this::newEdit);
    }

    private Optional<ShapeEdit> newEdit(TableSchema shape) {
        return target.find(shape.name())
                .map(table -> new ShapeEdit(shape, table, target.choices(), column -> isToConvert(shape, column)))
                .filter(found -> !found.isNothing());
    }

    private boolean isToConvert(TableSchema shape, TableColumn column) {
        String type = column.column().typeName();
        boolean mayDiffer = target.checkedTypes().changeable().contains(type)
                || !shape.columns().get(shape.indexOf(column.name())).typeName().equals(type);
        return mayDiffer && !request.leavesOut(shape.name(), column.name()) && convert.test(shape.name(), column);
    }

    /** Rows on their way, some of them together where types are asked. */
    private final class Edited implements RowStream {
        private final Predicate<TableName> tables;
        private final RowStream rows;
        private final Deque<FoldedRow> ready = new ArrayDeque<>();

        Edited(Predicate<TableName> tables, RowStream rows) {
            this.tables = tables;
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            if (ready.isEmpty()) {
                read();
            }
            return !ready.isEmpty();
        }

        @Override
        public FoldedRow next() {
            if (!hasNext()) {
                throw new NoSuchElementException("no more rows");
            }
            return ready.remove();
        }

        private void read() {
            Map<ShapeEdit, List<Tuple>> toLearn = new HashMap<>();
            List<FoldedRow> batch = new ArrayList<>();
            long sizeBytes = 0;
            boolean together = true;
            while (together && batch.size() < MAX_ROWS && sizeBytes < MAX_BYTES && rows.hasNext()) {
                FoldedRow row = rows.next();
                Optional<TableSchema> shape = shape(row.table());
                if (shape.isEmpty()) {
                    continue;
                }
                Optional<ShapeEdit> asking = editOf(shape.get()).filter(ShapeEdit::converts);
                asking.ifPresent(edit ->
                        toLearn.computeIfAbsent(edit, e -> new ArrayList<>()).add(row.tuple()));
                boolean same = shape.get().equals(row.table());
                batch.add(same ? row : new FoldedRow(shape.get(), row.key(), row.tuple()));
                sizeBytes += row.tuple().encoded().length;
                together = asking.isPresent();
            }
            toLearn.forEach((edit, tuples) -> edit.learn(tuples, types));
            batch.forEach(row -> ready.add(edited(row)));
        }

        /** The shape of now, where the row is one of then and of a table asked for. */
        private Optional<TableSchema> shape(TableSchema then) {
            ThenNames.Found found = names.find(then);
            return switch (found.state()) {
                case TAKEN -> Optional.of(found.shape()).filter(now -> tables.test(now.name()));
                case GONE_THEN -> Optional.empty();
                case UNDECIDED -> {
                    undecided.merge(
                            then.oid(),
                            new Undecided(this, then, 1),
                            (known, more) -> known.reading() == this
                                    ? new Undecided(this, known.shape(), known.rows() + 1)
                                    : known);
                    yield Optional.empty();
                }
            };
        }

        private FoldedRow edited(FoldedRow row) {
            FoldedRow converted = editOf(row.table())
                    .map(edit -> new FoldedRow(row.table(), row.key(), edit.edit(row.tuple(), types)))
                    .orElse(row);
            return references
                    .computeIfAbsent(row.table(), shape -> new ReferenceEdit(shape, gone.of(shape.name()), lost))
                    .edit(converted);
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
