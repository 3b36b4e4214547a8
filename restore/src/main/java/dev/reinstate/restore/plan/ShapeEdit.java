package dev.reinstate.restore.plan;

import dev.reinstate.model.Column;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.Tuple;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import dev.reinstate.restore.plan.SchemaEffect.Kind;
import dev.reinstate.restore.schema.LabelArray;
import dev.reinstate.restore.schema.SchemaChoices;
import dev.reinstate.restore.schema.TypeReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What becomes of the values of rows of one shape in a table of now. Not thread-safe. */
final class ShapeEdit {
    private static final String ARRAY = "[]";
    private static final List<Set<String>> SAME_TEXT =
            List.of(Set.of("smallint", "integer", "bigint"), Set.of("text", "character varying"));

    /** One column whose values may become others. */
    private static final class ColumnEdit {
        private final int at;
        private final Column then;
        private final TableColumn now;
        private final Optional<String> ifNull;
        private final String enumeration;
        private final Map<String, String> labels;
        private final Set<String> met = new TreeSet<>();
        private final boolean converted;
        private long filled;
        private long relabelled;
        private long changed;

        ColumnEdit(int at, Column then, TableColumn now, SchemaChoices choices, TableName table, boolean converted) {
            this.at = at;
            this.then = then;
            this.now = now;
            this.ifNull = now.notNull()
                    ? choices.defaults(table).getOrDefault(now.name(), Optional.empty())
                    : Optional.empty();
            this.enumeration = isArray() ? type().substring(0, type().length() - ARRAY.length()) : type();
            this.labels = choices.labels(enumeration);
            this.converted = converted;
        }

        private String type() {
            return now.column().typeName();
        }

        boolean isNothing() {
            return ifNull.isEmpty() && labels.isEmpty() && !converted;
        }

        boolean hasOtherType() {
            return !then.typeName().equals(type());
        }

        boolean mayReorder() {
            return !labels.isEmpty() || (converted && hasOtherType() && !isSameText(then.typeName(), type()));
        }

        private boolean isArray() {
            return type().endsWith(ARRAY);
        }

        Optional<String> relabelled(Tuple row) {
            return row.text(at).map(this::relabelled);
        }

        private String relabelled(String text) {
            if (labels.isEmpty()) {
                return text;
            }
            return isArray() ? LabelArray.map(text, this::labelNow) : labelNow(text);
        }

        private String labelNow(String label) {
            if (labels.containsKey(label)) {
                met.add(enumeration + "." + label);
            }
            return labels.getOrDefault(label, label);
        }

        void edit(Tuple row, TypeReader types, Tuple.Builder into) {
            Optional<String> before = row.text(at);
            Optional<String> text = before.map(this::relabelled);
            if (!text.equals(before)) {
                relabelled++;
            }
            if (text.isEmpty() && ifNull.isPresent()) {
                text = ifNull;
                filled++;
            } else if (converted && text.isPresent()) {
                String written = types.read(type(), text.get());
                changed += written.equals(text.get()) ? 0 : 1;
                text = Optional.of(written);
            }
            text.ifPresentOrElse(value -> into.addText(value.getBytes(StandardCharsets.UTF_8)), into::addNull);
        }

        void report(TableName table, Consumer<SchemaEffect> effects) {
            if (hasOtherType()) {
                effects.accept(effect(
                        Kind.CONVERTED,
                        table,
                        changed,
                        "was " + then.typeName() + ", is " + type() + "; "
                                + (changed == 0 ? "no value of then is" : changed + " values of then are")
                                + " written differently by it" + zone()));
            } else if (changed > 0) {
                String text = changed + " values of then are written differently by " + type() + " now";
                effects.accept(effect(Kind.CONVERTED, table, changed, text));
            }
            if (relabelled > 0) {
                String text = relabelled + (isArray() ? " arrays of labels" : " labels")
                        + " of then become others, as --map-label says";
                effects.accept(effect(Kind.LABELS_MAPPED, table, relabelled, text));
            }
            if (filled > 0) {
                String text =
                        "must not be NULL any more; " + filled + " rows of then without a value get that of --default";
                effects.accept(effect(Kind.DEFAULT_GIVEN, table, filled, text));
            }
        }

        private SchemaEffect effect(Kind kind, TableName table, long rows, String text) {
            return new SchemaEffect(kind, table, now.name(), rows, table + "." + now.name() + ": " + text);
        }

        private String zone() {
            boolean differ = then.typeName().endsWith("with time zone") != type().endsWith("with time zone");
            boolean times = then.typeName().startsWith("time") && type().startsWith("time");
            return times && differ ? "; between times with and without a zone, UTC is taken" : "";
        }
    }

    private static boolean isSameText(String then, String now) {
        return SAME_TEXT.stream().anyMatch(types -> types.contains(bare(then)) && types.contains(bare(now)));
    }

    private static String bare(String type) {
        return type.startsWith("character varying") ? "character varying" : type;
    }

    private final TableName table;
    private final List<ColumnEdit> columns = new ArrayList<>();

    /**
     * @param convert columns whose values are to go through their type
     */
    ShapeEdit(TableSchema shape, Table table, SchemaChoices choices, Predicate<TableColumn> convert) {
        this.table = table.name();
        for (int i = 0; i < shape.columns().size(); i++) {
            int at = i;
            Column then = shape.columns().get(i);
            table.column(then.name())
                    .filter(now -> !now.generated())
                    .map(now -> new ColumnEdit(at, then, now, choices, table.name(), convert.test(now)))
                    .filter(edit -> !edit.isNothing())
                    .ifPresent(columns::add);
        }
    }

    boolean isNothing() {
        return columns.isEmpty();
    }

    /** Whether types of now have to be asked. */
    boolean converts() {
        return columns.stream().anyMatch(column -> column.converted);
    }

    /** Columns in which values may be ordered in another way afterwards. */
    List<String> reordering() {
        return columns.stream()
                .filter(ColumnEdit::mayReorder)
                .map(column -> column.now.name())
                .toList();
    }

    /** Columns in which a type has written values differently. */
    Set<String> changed() {
        Set<String> changed = new TreeSet<>();
        columns.stream().filter(column -> column.changed > 0).forEach(column -> changed.add(column.now.name()));
        return changed;
    }

    /** Labels that rows had and that are mapped, each behind its type and a dot. */
    Set<String> mappedLabels() {
        Set<String> labels = new TreeSet<>();
        columns.forEach(column -> labels.addAll(column.met));
        return labels;
    }

    /** Has the types learn what they will be asked for. */
    void learn(List<Tuple> rows, TypeReader types) {
        for (ColumnEdit column : columns) {
            if (column.converted) {
                types.learn(
                        column.type(),
                        rows.stream()
                                .flatMap(row -> column.relabelled(row).stream())
                                .toList());
            }
        }
    }

    /** The row as it is to be compared and written. */
    Tuple edit(Tuple row, TypeReader types) {
        Tuple.Builder builder = new Tuple.Builder(row.encoded().length);
        int next = 0;
        for (int i = 0; i < row.columnCount(); i++) {
            if (next < columns.size() && columns.get(next).at == i) {
                columns.get(next++).edit(row, types, builder);
            } else {
                builder.addColumn(row, i);
            }
        }
        return builder.build();
    }

    void report(Consumer<SchemaEffect> effects) {
        columns.forEach(column -> column.report(table, effects));
    }
}
