package dev.reinstate.restore.plan;

import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveReader.RowStream;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.model.Column;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.restore.plan.SchemaEffect.Kind;
import dev.reinstate.restore.schema.SchemaChoices;
import dev.reinstate.restore.schema.TypeReader;
import java.sql.Connection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

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
    private final Map<TableSchema, Renamed> renamed = new HashMap<>();
    private final SortedMap<String, SchemaEffect> effects = new TreeMap<>();

    private record Renamed(TableSchema shape, Optional<ShapeEdit> edit) {}

    private ThenRows(
            ArchiveReader archive,
            TargetTables target,
            RestoreRequest request,
            Connection connection,
            BiPredicate<TableName, TableColumn> convert) {
        this.archive = archive;
        this.target = target;
        this.request = request;
        this.types = new TypeReader(connection);
        this.convert = convert;
    }

    /** For a plan: what became of types that have changed, or may have, is found out. */
    static ThenRows toPlan(ArchiveReader archive, TargetTables target, RestoreRequest request, Connection connection) {
        return new ThenRows(archive, target, request, connection, (table, column) -> true);
    }

    /** To carry a plan out: only columns are looked at in which it has found values that are written differently. */
    public static ThenRows toApply(
            ArchiveReader archive, TargetTables target, RestorePlan plan, Connection connection) {
        Map<TableName, TableLayout> layouts = new HashMap<>();
        plan.layouts().forEach(layout -> layouts.put(layout.name(), layout));
        return new ThenRows(archive, target, plan.request(), connection, (table, column) -> {
            TableLayout layout = layouts.get(table);
            return layout != null && layout.converted().contains(column.name());
        });
    }

    /** Those of tables, by the names of now, that are asked for; sorted as {@link ArchiveReader#fold} has them. */
    RowStream fold(Predicate<TableName> tables) {
        SchemaChoices choices = target.choices();
        return new Edited(archive.fold(
                Partition.of(request.tenant()), request.position(), then -> tables.test(choices.now(then))));
    }

    /** What types of now have made of values so far. */
    TypeReader types() {
        return types;
    }

    /** Columns in which values of rows of those shapes, as they are called now, may be ordered in another way. */
    Set<String> reordering(List<TableSchema> shapes) {
        Set<String> columns = new TreeSet<>();
        shapes.forEach(shape -> edit(shape).ifPresent(edit -> columns.addAll(edit.reordering())));
        return columns;
    }

    /** Columns in which values of rows of those shapes were written differently by their type. */
    Set<String> changed(List<TableSchema> shapes) {
        Set<String> columns = new TreeSet<>();
        renamed.values().stream()
                .filter(known -> shapes.contains(known.shape()))
                .forEach(known -> known.edit().ifPresent(edit -> columns.addAll(edit.changed())));
        return columns;
    }

    /** What changes of the schema meant for the rows read so far. */
    List<SchemaEffect> effects() {
        List<SchemaEffect> all = new ArrayList<>(effects.values());
        renamed.values().forEach(known -> known.edit().ifPresent(edit -> edit.report(all::add)));
        return all;
    }

    private Renamed rename(TableSchema then) {
        TableSchema shape = renameColumns(then);
        return new Renamed(shape, edit(shape));
    }

    private Optional<ShapeEdit> edit(TableSchema shape) {
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

    private TableSchema renameColumns(TableSchema then) {
        TableName now = target.choices().now(then.name());
        if (!now.equals(then.name())) {
            note(new SchemaEffect(
                    Kind.TABLE_RENAMED,
                    now,
                    "",
                    0,
                    now + ": was called " + then.name() + "; rows of then go there, as --map says"));
        }
        SortedMap<String, String> names = target.choices().columns(now);
        List<Column> columns = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Column column : then.columns()) {
            String name = names.getOrDefault(column.name(), column.name());
            if (!taken.add(name)) {
                throw ReinstateException.invalid(
                        "Two columns of " + then.name() + " would become " + name,
                        "rows of then have "
                                + then.columns().stream().map(Column::name).toList(),
                        "map the other one too");
            }
            if (!name.equals(column.name())) {
                note(new SchemaEffect(
                        Kind.COLUMN_RENAMED,
                        now,
                        name,
                        0,
                        now + "." + name + ": was called " + column.name()
                                + "; values of then go there, as --map says"));
            }
            columns.add(new Column(column.attnum(), name, column.typeOid(), column.typeName()));
        }
        return new TableSchema(then.oid(), now, columns, then.keyColumns());
    }

    private void note(SchemaEffect effect) {
        effects.put(effect.message(), effect);
    }

    /** Rows on their way, some of them together where types are asked. */
    private final class Edited implements RowStream {
        private final RowStream rows;
        private final Deque<FoldedRow> ready = new ArrayDeque<>();

        Edited(RowStream rows) {
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            return !ready.isEmpty() || rows.hasNext();
        }

        @Override
        public FoldedRow next() {
            if (ready.isEmpty()) {
                read();
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
                Optional<ShapeEdit> edit = renamed(row.table()).edit().filter(ShapeEdit::converts);
                edit.ifPresent(found ->
                        toLearn.computeIfAbsent(found, e -> new ArrayList<>()).add(row.tuple()));
                batch.add(row);
                sizeBytes += row.tuple().encoded().length;
                together = edit.isPresent();
            }
            toLearn.forEach((edit, tuples) -> edit.learn(tuples, types));
            batch.forEach(row -> ready.add(edited(row)));
        }

        private Renamed renamed(TableSchema then) {
            return renamed.computeIfAbsent(then, ThenRows.this::rename);
        }

        private FoldedRow edited(FoldedRow row) {
            Renamed now = renamed(row.table());
            if (now.edit().isPresent()) {
                return new FoldedRow(now.shape(), row.key(), now.edit().get().edit(row.tuple(), types));
            }
            return now.shape().equals(row.table()) ? row : new FoldedRow(now.shape(), row.key(), row.tuple());
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
