package dev.reinstate.restore.plan;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.restore.plan.SchemaEffect.Kind;
import dev.reinstate.restore.schema.CheckedTypes;
import dev.reinstate.restore.schema.LabelArray;
import dev.reinstate.restore.schema.TypeReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Compares the columns that rows to write have values for with those that a table takes: which values would find no
 * place, which columns would get none. Not thread-safe.
 */
final class ColumnChecks {
    private static final String ARRAY = "[]";

    /** What counts of one shape: places in its rows, and columns of the table that these do not fill. */
    private record Places(List<TableColumn> notNull, List<Integer> notNullAt, List<TableColumn> unfilled) {}

    private final TableLayout table;
    private final CheckedTypes checked;
    private final ThenRows then;
    private final TypeReader types;
    private final WriteMode mode;
    private final Map<RowShape, Places> places = new HashMap<>();
    private final Map<String, Long> lost = new HashMap<>();
    private final Map<String, Long> leftOut = new HashMap<>();
    private final Map<String, Long> given = new HashMap<>();
    private final Map<String, Long> unfilled = new HashMap<>();
    private final Map<String, Long> nulls = new HashMap<>();
    private final Map<String, Long> refused = new HashMap<>();
    private final Map<String, Set<String>> refusedLabels = new HashMap<>();
    private long toInsertAgain;

    ColumnChecks(TableLayout table, CheckedTypes checked, ThenRows then, WriteMode mode) {
        this.table = table;
        this.checked = checked;
        this.then = then;
        this.types = then.types();
        this.mode = mode;
    }

    /** A row that would be inserted; tells whether the columns' types take all that it has. */
    boolean insert(RowShape shape, Tuple row) {
        boolean taken = written(shape, row);
        placesOf(shape).unfilled().forEach(column -> count(unfilled, column.name()));
        shape.addedColumns().forEach(column -> count(given, column));
        return taken;
    }

    /** The same of one that would replace a live row. */
    boolean update(RowShape shape, Tuple row, Tuple live) {
        then.differElsewhere(table, shape, row, live)
                .filter(column -> row.isNull(shape.gone()[table.goneColumns().indexOf(column)]))
                .forEach(column -> count(lost, column));
        toInsertAgain += table.mustBeInserted(shape, row, live) ? 1 : 0;
        return written(shape, row);
    }

    private boolean written(RowShape shape, Tuple row) {
        countValues(row, shape.gone(), table.goneColumns(), lost);
        countValues(row, shape.leftOut(), table.leftOutColumns(), leftOut);
        Places at = placesOf(shape);
        for (int i = 0; i < at.notNullAt().size(); i++) {
            if (row.isNull(at.notNullAt().get(i))) {
                count(nulls, at.notNull().get(i).name());
            }
        }
        boolean taken = true;
        for (TableColumn column : table.table().columns()) {
            taken &= !types.refuses(typeOf(column)) || isTaken(column, shape.sourceOf(column.name()), row);
        }
        return taken;
    }

    private boolean isTaken(TableColumn column, int at, Tuple row) {
        String type = typeOf(column);
        Optional<String> text = at < 0 ? Optional.empty() : row.text(at);
        Optional<String> refusal = text.filter(value -> types.isRefused(type, value));
        refusal.ifPresent(value -> {
            count(refused, column.name());
            boolean hadLabels = checked.enumerations().containsKey(enumeration(type))
                    && table.shapes().stream().allMatch(then -> hasType(then, column.name(), type));
            if (hadLabels) {
                refusedLabels
                        .computeIfAbsent(column.name(), name -> new TreeSet<>())
                        .addAll(refusedLabels(type, value));
            }
        });
        return refusal.isEmpty() && !(text.isPresent() && types.hasGivenUp(type));
    }

    /** The type itself, or that of its elements. */
    private static String enumeration(String type) {
        return type.endsWith(ARRAY) ? type.substring(0, type.length() - ARRAY.length()) : type;
    }

    /** Which labels of a refused value are the reason. */
    private List<String> refusedLabels(String type, String value) {
        String enumeration = enumeration(type);
        if (enumeration.equals(type)) {
            return List.of(value);
        }
        List<String> labels = LabelArray.labels(value);
        types.learn(enumeration, labels);
        return labels.stream()
                .filter(label -> types.isRefused(enumeration, label))
                .toList();
    }

    private static boolean hasType(TableSchema then, String column, String type) {
        int at = then.indexOf(column);
        return at < 0 || then.columns().get(at).typeName().equals(type);
    }

    private static String typeOf(TableColumn column) {
        return column.column().typeName();
    }

    private static void countValues(Tuple row, int[] places, List<String> columns, Map<String, Long> counts) {
        for (int i = 0; i < places.length; i++) {
            if (places[i] >= 0 && !row.isNull(places[i])) {
                count(counts, columns.get(i));
            }
        }
    }

    private static void count(Map<String, Long> counts, String column) {
        counts.merge(column, 1L, Long::sum);
    }

    private Places placesOf(RowShape shape) {
        return places.computeIfAbsent(shape, s -> {
            List<TableColumn> notNull = new ArrayList<>();
            List<TableColumn> empty = new ArrayList<>();
            for (TableColumn column : table.table().columns()) {
                if (s.sourceOf(column.name()) < 0 && !column.generated()) {
                    empty.add(column);
                } else if (mustNotBeNull(column) && !column.generated()) {
                    notNull.add(column);
                }
            }
            List<Integer> at =
                    notNull.stream().map(column -> s.sourceOf(column.name())).toList();
            return new Places(notNull, at, empty);
        });
    }

    private boolean mustNotBeNull(TableColumn column) {
        return column.notNull() || checked.notNull().contains(typeOf(column));
    }

    /** Says what was found. */
    void report(List<Problem> problems, List<SchemaEffect> effects) {
        for (String column : table.goneColumns()) {
            long values = lost.getOrDefault(column, 0L);
            if (values > 0) {
                String name = table.name() + "." + column;
                problems.add(conflict(
                        values,
                        name + ": the column is gone, and " + values + " rows of then have a value in it"
                                + (then.likely(table.name(), column).isPresent() ? ", or had none" : ""),
                        likely(column, name) + "; else add the column again, or leave it out with --leave-out " + name
                                + ", which saves its values to a file"));
            }
        }
        for (String column : table.leftOutColumns()) {
            long values = leftOut.getOrDefault(column, 0L);
            effects.add(effect(
                    Kind.LEFT_OUT,
                    column,
                    values,
                    "left out on request" + (values == 0 ? "" : "; its " + values + " values are saved to a file")));
        }
        table.table().columns().forEach(column -> reportColumn(column, problems, effects));
        if (toInsertAgain > 0 && (mode == WriteMode.TRIGGERS_FIRE || !table.isComplete())) {
            problems.add(reportFixed());
        }
    }

    /** Only a row that is whole can be deleted and inserted again, and only where nothing fires for it. */
    private Problem reportFixed() {
        String name = table.name() + "." + table.fixedColumns().getFirst();
        return conflict(
                toInsertAgain,
                name + ": " + toInsertAgain
                        + " live rows have another value in the column, which is GENERATED ALWAYS and"
                        + " cannot be updated",
                (mode == WriteMode.TRIGGERS_FIRE
                                ? "restore as a role that may set session_replication_role, or let it"
                                : "let the column")
                        + " be updated meanwhile (ALTER TABLE … ALTER COLUMN … SET GENERATED BY DEFAULT), or leave it out"
                        + " with --leave-out " + name);
    }

    private String likely(String column, String name) {
        return then.likely(table.name(), column)
                .map(now -> "it seems to be called " + now + " now: confirm it with --map " + name + "=" + now)
                .orElse("if it has another name now, --map " + name + "=NEWNAME");
    }

    private void reportColumn(TableColumn column, List<Problem> problems, List<SchemaEffect> effects) {
        String name = table.name() + "." + column.name();
        long empty = unfilled.getOrDefault(column.name(), 0L);
        boolean filled = column.defaultExpression().isPresent() || column.identityColumn();
        boolean omitted = table.leftOutColumns().contains(column.name());
        if (empty > 0 && mustNotBeNull(column) && !filled) {
            problems.add(conflict(
                    empty,
                    name + ": the column " + (omitted ? "is left out" : "is new or not archived")
                            + ", must not be NULL and has no default;" + " " + empty
                            + " rows to insert have no value for it",
                    "give them one with --default " + name + "=VALUE"));
        } else if (empty > 0 && !omitted && !then.isLikely(table.name(), column.name())) {
            effects.add(effect(
                    Kind.NEW_COLUMN,
                    column.name(),
                    empty,
                    "the column is new, or not archived; " + empty + " restored rows get its default"
                            + (filled ? "" : ", NULL") + " (--default " + name + "=VALUE gives them another)"));
        }
        long nullRows = nulls.getOrDefault(column.name(), 0L);
        if (nullRows > 0) {
            problems.add(conflict(
                    nullRows,
                    name + ": the column must not be NULL any more, and " + nullRows
                            + " rows of then have no value in it",
                    "give them one with --default " + name + "=VALUE"));
        }
        reportRefused(column, name, problems);
        long added = given.getOrDefault(column.name(), 0L);
        if (added > 0) {
            effects.add(effect(
                    Kind.DEFAULT_GIVEN, column.name(), added, added + " rows to insert get the value of --default"));
        }
    }

    private void reportRefused(TableColumn column, String name, List<Problem> problems) {
        long rows = refused.getOrDefault(column.name(), 0L);
        if (rows == 0) {
            return;
        }
        String type = typeOf(column);
        String count = (types.hasGivenUp(type) ? "at least " : "") + rows;
        Set<String> labels = refusedLabels.getOrDefault(column.name(), Set.of());
        if (checked.naming().contains(type)) {
            problems.add(conflict(
                    rows,
                    name + ": " + count + " rows of then have a value of type " + type
                            + " that names nothing in the database now",
                    "create what they name, or leave the column out with --leave-out " + name
                            + ", which saves its values to a file"));
        } else if (labels.isEmpty()) {
            problems.add(conflict(
                    rows,
                    name + ": " + count + " rows of then have a value that " + type + " does not take",
                    "give the column a type that takes them, or leave it out with --leave-out " + name
                            + ", which saves its values to a file"));
        } else {
            String plain = checked.enumerations().getOrDefault(enumeration(type), type);
            problems.add(conflict(
                    rows,
                    name + ": " + count + " rows of then have labels that " + plain + " no longer has: "
                            + String.join(", ", labels),
                    labels.stream()
                            .map(label -> "--map-label " + plain + "." + label + "=NEWLABEL")
                            .collect(Collectors.joining(" ", "say what they are now, with ", ", or add them again"))));
        }
    }

    private SchemaEffect effect(Kind kind, String column, long values, String text) {
        return new SchemaEffect(kind, table.name(), column, values, table.name() + "." + column + ": " + text);
    }

    private Problem conflict(long rows, String message, String next) {
        TableName name = table.name();
        return new Problem(FailureKind.CONFLICT, name, rows, message, next);
    }
}
