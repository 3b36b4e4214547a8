package dev.reinstate.restore.plan;

import dev.reinstate.model.Column;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.restore.plan.SchemaEffect.Kind;
import dev.reinstate.restore.schema.Lineage.Kinship;
import dev.reinstate.restore.schema.Lineage.Relation;
import dev.reinstate.restore.schema.SchemaChoices;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Finds the tables and columns of now for shapes of then; says what it has found, and what it does not guess. */
final class ThenNames {
    private static final String AS_DECIDED = "as --map says";
    private static final String AS_KNOWN = "as the catalogue's history tells";

    /**
     * Where rows of a shape go.
     *
     * @param shape as it is called now
     * @param state whether they go anywhere
     */
    record Found(TableSchema shape, State state) {}

    /** Whether rows go anywhere. */
    enum State {
        TAKEN,
        /** The table was gone by then: what the archive still has of it is no row of then. */
        GONE_THEN,
        /** A person has to say. */
        UNDECIDED
    }

    private final TargetTables target;
    private final SchemaChoices choices;
    private final Lsn position;
    private final Map<TableSchema, Found> found = new HashMap<>();
    private final SortedMap<String, SchemaEffect> effects = new TreeMap<>();
    private final Map<TableName, Map<String, String>> likely = new HashMap<>();
    private final Map<String, Problem> problems = new LinkedHashMap<>();

    ThenNames(TargetTables target, Lsn position) {
        this.target = target;
        this.choices = target.choices();
        this.position = position;
    }

    /** Whether rows of that shape go into one of those, or may; the oid decides, since no record of a name need be left. */
    boolean mayGoTo(TableSchema then, Predicate<TableName> wanted) {
        return wanted.test(
                choices.isMapped(then.name())
                        ? choices.now(then.name())
                        : target.lineage().table(then, position).now());
    }

    Found find(TableSchema then) {
        return found.computeIfAbsent(then, this::look);
    }

    Collection<SchemaEffect> effects() {
        return effects.values();
    }

    Collection<Problem> problems() {
        return problems.values();
    }

    /** What a column of then that a table of now does not have is likely called now. */
    Optional<String> likely(TableName table, String column) {
        return Optional.ofNullable(likely.getOrDefault(table, Map.of()).get(column));
    }

    private Found look(TableSchema then) {
        if (choices.isMapped(then.name())) {
            TableName now = choices.now(then.name());
            if (!now.equals(then.name())) {
                renamed(then.name(), now, AS_DECIDED);
            }
            return new Found(columns(then, now), State.TAKEN);
        }
        Relation<TableName> table = target.lineage().table(then, position);
        State state = State.TAKEN;
        TableName now = table.now();
        switch (table.kinship()) {
            case RENAMED -> renamed(then.name(), now, AS_KNOWN);
            case RECREATED ->
                note(
                        Kind.TABLE_RECREATED,
                        now,
                        "",
                        "was dropped and created again since; rows of then go into the table of" + " that name now");
            case GONE_THEN -> {
                note(
                        Kind.FORMER_TABLE,
                        now,
                        "",
                        "an earlier table of that name was gone by then; its rows are not taken");
                state = State.GONE_THEN;
            }
            case LIKELY_RENAMED -> state = State.UNDECIDED;
            case SAME, GONE, UNKNOWN -> {}
        }
        return new Found(state == State.TAKEN ? columns(then, now) : then, state);
    }

    private void renamed(TableName then, TableName now, String source) {
        note(Kind.TABLE_RENAMED, now, "", "was called " + then + "; rows of then go there, " + source);
    }

    /** Tells of rows of a table that seems to have another name now. */
    void undecided(TableSchema then, long rows) {
        TableName now = target.lineage().table(then, position).now();
        problems.put(
                then.name().toString(),
                new Problem(
                        FailureKind.CONFLICT,
                        then.name(),
                        rows,
                        then.name() + ": the table of then seems to be called " + now + " now, the tenant had " + rows
                                + " rows in it",
                        "confirm it with --map " + then.name() + "=" + now + ", or leave it out with --leave-out "
                                + then.name()));
    }

    /** Whether values of then likely belong into a column. */
    boolean isLikely(TableName table, String now) {
        return likely.getOrDefault(table, Map.of()).containsValue(now);
    }

    private TableSchema columns(TableSchema then, TableName now) {
        Optional<Table> table = target.find(now);
        if (table.isEmpty()) {
            return new TableSchema(then.oid(), now, then.columns(), then.keyColumns());
        }
        List<Relation<String>> relations = target.lineage().columns(then, position, table.get());
        SortedMap<String, String> decided = choices.columns(now);
        List<Column> columns = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < relations.size(); i++) {
            Column column = then.columns().get(i);
            String name = decided.containsKey(column.name())
                    ? decided(now, column.name(), decided.get(column.name()))
                    : known(table.get(), column.name(), relations.get(i));
            if (!taken.add(name)) {
                throw twice(then, name);
            }
            columns.add(new Column(column.attnum(), name, column.typeOid(), column.typeName()));
        }
        return new TableSchema(then.oid(), now, columns, then.keyColumns());
    }

    private static ReinstateException twice(TableSchema then, String name) {
        return ReinstateException.invalid(
                "Two columns of " + then.name() + " would become " + name,
                "rows of then have " + then.columns().stream().map(Column::name).toList(),
                "map the other one too, with --map");
    }

    private String decided(TableName table, String then, String now) {
        if (!now.equals(then)) {
            columnRenamed(table, then, now, AS_DECIDED);
        }
        return now;
    }

    private void columnRenamed(TableName table, String then, String now, String source) {
        note(Kind.COLUMN_RENAMED, table, now, "was called " + then + "; values of then go there, " + source);
    }

    private String known(Table table, String then, Relation<String> relation) {
        switch (relation.kinship()) {
            case RENAMED -> columnRenamed(table.name(), then, relation.now(), AS_KNOWN);
            case LIKELY_RENAMED -> {
                likely.computeIfAbsent(table.name(), name -> new HashMap<>()).put(then, relation.now());
                if (table.column(then).isPresent()) {
                    ambiguous(table.name(), then, relation.now());
                }
            }
            case RECREATED ->
                note(
                        Kind.COLUMN_RECREATED,
                        table.name(),
                        then,
                        "was dropped and added again since; values of then go into the column of that name now");
            case UNKNOWN -> hidden(table.name(), then);
            case SAME, GONE, GONE_THEN -> {}
        }
        return relation.kinship() == Kinship.RENAMED ? relation.now() : then;
    }

    private void ambiguous(TableName table, String then, String now) {
        String name = table + "." + then;
        problems.put(
                name,
                new Problem(
                        FailureKind.CONFLICT,
                        table,
                        0,
                        name + ": the column of then seems to be called " + now + " now, and another has its name",
                        "say where its values go, with --map " + name + "=" + now + " or --map " + name + "=" + then));
    }

    private void hidden(TableName table, String then) {
        String name = table + "." + then;
        problems.put(
                name,
                new Problem(
                        FailureKind.CONFLICT,
                        table,
                        0,
                        name
                                + ": whether the column of then is the one that has its name now is not known, as a part of the"
                                + " archive's record of tables is lost",
                        "say that it is with --map " + name + "=" + then + ", or which one it is now with --map " + name
                                + "=NEWNAME"));
    }

    private void note(Kind kind, TableName table, String column, String text) {
        String name = column.isEmpty() ? table.toString() : table + "." + column;
        effects.put(kind + name + text, new SchemaEffect(kind, table, column, 0, name + ": " + text));
    }
}
