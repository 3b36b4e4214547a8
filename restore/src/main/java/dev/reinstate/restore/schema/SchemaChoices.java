package dev.reinstate.restore.schema;

import dev.reinstate.model.NearNames;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.postgres.PostgresFailure;
import dev.reinstate.postgres.catalogue.Catalogue;
import dev.reinstate.postgres.catalogue.Table;
import dev.reinstate.postgres.catalogue.Table.TableColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a person has decided about schema changes, found in the database. What is decided for a partitioned table holds
 * for its partitions.
 */
public final class SchemaChoices {
    private static final int SHOWN = 20;

    /** Reads a text as a type would write it; empty when it does not take it. */
    private interface Reading {
        Optional<String> read(String type, String text);
    }

    private final Catalogue catalogue;
    private final SortedMap<TableName, TableName> tables = new TreeMap<>();
    private final Map<TableName, SortedMap<String, String>> columns = new HashMap<>();
    private final Map<TableName, SortedMap<String, Optional<String>>> defaults = new HashMap<>();
    private final Map<String, SortedMap<String, String>> labels = new HashMap<>();

    private SchemaChoices(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** None. */
    public static SchemaChoices none(Catalogue catalogue) {
        return new SchemaChoices(catalogue);
    }

    /**
     * Finds what was decided, over a connection that serves nothing else; {@code INVALID}, with the names there are, for
     * what is not there.
     *
     * @param mapped tables that the archive's tenancy map names
     */
    public static SchemaChoices find(
            Connection connection, Catalogue catalogue, SchemaKnowledge knowledge, Collection<TableName> mapped) {
        SchemaOptions options = knowledge.options();
        if (options.equals(SchemaOptions.NONE)) {
            return none(catalogue);
        }
        try {
            connection.setAutoCommit(false);
            try {
                TextInput input = new TextInput(connection);
                return of(
                        options,
                        PastNames.of(catalogue, mapped, knowledge),
                        catalogue,
                        EnumTypes.read(connection),
                        (type, text) -> input.convert(type, List.of(text)).getFirst());
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw PostgresFailure.of("Looking for what was decided about schema changes", e);
        }
    }

    private static SchemaChoices of(
            SchemaOptions options,
            PastNames past,
            Catalogue catalogue,
            SortedMap<String, EnumTypes.EnumType> enums,
            Reading reading) {
        SchemaChoices choices = new SchemaChoices(catalogue);
        Set<TableName> known = new TreeSet<>(past.tables());
        List<Assignment> maps = options.maps().stream()
                .map(text -> Assignment.of("--map", text))
                .toList();
        // tables first: columns are looked for in the table that it is now
        maps.stream().filter(Assignment::namesTables).forEach(map -> {
            choices.mapTable(map, past);
            known.add(TableName.parse(map.left()));
        });
        maps.stream().filter(map -> !map.namesTables()).forEach(map -> choices.mapColumn(map, known, past));
        options.defaults().forEach(text -> choices.addDefault(text, reading));
        options.labels().forEach(text -> choices.mapLabel(text, enums));
        return choices;
    }

    /** An option's two sides. */
    private record Assignment(String option, String text, String left, String right) {
        /** A column's new name stands alone, a table's has its schema before it. */
        boolean namesTables() {
            return right.indexOf('.') >= 0;
        }

        static Assignment of(String option, String text) {
            int equals = text.indexOf('=');
            if (equals <= 0 || equals == text.length() - 1) {
                throw ReinstateException.invalid(
                        option + " " + text + " says nothing",
                        "it takes the name of then and the name of now with = between",
                        "write it as " + option + " public.issue.title=subject or " + option
                                + " public.issue=public.ticket");
            }
            return new Assignment(option, text, text.substring(0, equals), text.substring(equals + 1));
        }
    }

    private void mapTable(Assignment map, PastNames past) {
        TableName now = catalogue.require(TableName.parse(map.right())).name();
        TableName then = TableName.parse(map.left());
        if (past.complete() && !past.tables().contains(then)) {
            throw noneOfThen(map, "a table of that name has never been", then.toString(), past.tables());
        }
        if (tables.put(then, now) != null) {
            throw twice(map.option(), map.left());
        }
    }

    private static ReinstateException noneOfThen(Assignment map, String why, String wanted, Collection<?> known) {
        List<String> names = known.stream().map(Object::toString).toList();
        List<String> near = NearNames.of(wanted, names);
        return ReinstateException.invalid(
                map.option() + " " + map.text() + " is about nothing of then",
                why + (near.isEmpty() ? "; there are " + shown(names) : "; near it: " + shown(near)),
                "name it as it was called then");
    }

    private void mapColumn(Assignment map, Collection<TableName> known, PastNames past) {
        Place place = place(map.option(), map.text(), map.left(), known);
        Set<String> columnsThen = past.columnsOf(place.table());
        if (!columnsThen.isEmpty() && !columnsThen.contains(place.column())) {
            throw noneOfThen(map, place.table() + " has never had a column of that name", place.column(), columnsThen);
        }
        TableName now = now(place.table());
        Table table = catalogue
                .table(now)
                .orElseThrow(() -> ReinstateException.invalid(
                        map.option() + " " + map.text() + " leads nowhere",
                        "the database has no table " + now,
                        "map the table too, with --map " + place.table() + "=schema.table"));
        TableColumn column = require(table, map.right(), map.option() + " " + map.text());
        SortedMap<String, String> ofTable = columns.computeIfAbsent(now, t -> new TreeMap<>());
        if (ofTable.put(place.column(), column.name()) != null) {
            throw twice(map.option(), map.left());
        }
    }

    private void addDefault(String text, Reading reading) {
        int equals = text.indexOf('=');
        String left = equals < 0 ? text : text.substring(0, equals);
        List<TableName> names = catalogue.tables().stream().map(Table::name).toList();
        Place place = place("--default", text, left, names);
        Table table = catalogue.require(place.table());
        TableColumn column = require(table, place.column(), "--default " + left);
        Optional<String> value = equals < 0 ? Optional.empty() : Optional.of(text.substring(equals + 1));
        if (value.isEmpty() && column.notNull()) {
            throw ReinstateException.invalid(
                    "--default " + left + " stands for NULL",
                    "the column must not be NULL",
                    "give a value: --default " + left + "=VALUE");
        }
        String type = column.column().typeName();
        Optional<String> read = value.map(given -> reading.read(type, given)
                .orElseThrow(() -> ReinstateException.invalid(
                        "--default " + left + " has a value that the column does not take",
                        "its type is " + type,
                        "write a value as PostgreSQL writes that type")));
        if (defaults.computeIfAbsent(table.name(), t -> new TreeMap<>()).put(column.name(), read) != null) {
            throw twice("--default", left);
        }
    }

    private record Label(String type, String then, String now) {}

    private void mapLabel(String text, SortedMap<String, EnumTypes.EnumType> enums) {
        List<Label> readings = new ArrayList<>(); // labels may have dots and equals signs in them
        for (int at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
            String left = text.substring(0, at);
            String now = text.substring(at + 1);
            enums.forEach((type, there) -> {
                if (left.startsWith(type + ".") && there.labels().contains(now)) {
                    readings.add(new Label(there.typeName(), left.substring(type.length() + 1), now));
                }
            });
        }
        if (readings.size() != 1) {
            throw noLabel(text, enums);
        }
        Label found = readings.getFirst();
        if (labels.computeIfAbsent(found.type(), t -> new TreeMap<>()).put(found.then(), found.now()) != null) {
            throw twice("--map-label", found.type() + "." + found.then());
        }
    }

    private static ReinstateException noLabel(String text, SortedMap<String, EnumTypes.EnumType> enums) {
        String labels = enums.entrySet().stream()
                .filter(type -> text.startsWith(type.getKey() + "."))
                .max(Comparator.comparingInt(type -> type.getKey().length()))
                .map(type -> type.getKey() + " has the labels "
                        + shown(type.getValue().labels()))
                .orElseGet(() -> "the database's enumerations are " + shown(enums.keySet()));
        return ReinstateException.invalid(
                "--map-label " + text + " leads to no label",
                labels,
                "write it as --map-label schema.type.old=new, the new label as it is now");
    }

    private record Place(TableName table, String column) {}

    private static Place place(String option, String text, String left, Collection<TableName> known) {
        return known.stream()
                .filter(table -> left.startsWith(table + "."))
                .max(Comparator.comparingInt(table -> table.toString().length()))
                .map(table -> new Place(table, left.substring(table.toString().length() + 1)))
                .orElseThrow(() -> ReinstateException.invalid(
                        option + " " + text + " names no table",
                        "nothing is known that " + left + " could be" + near(left, known),
                        "name it as schema.table.column, as it stands in the catalogue"));
    }

    private static String near(String left, Collection<TableName> known) {
        String wanted = left.substring(0, Math.max(left.lastIndexOf('.'), 0));
        List<String> near =
                NearNames.of(wanted, known.stream().map(TableName::toString).toList());
        return near.isEmpty() ? "; tables are " + shown(known) : "; near it: " + shown(near);
    }

    private static TableColumn require(Table table, String column, String option) {
        return table.column(column)
                .filter(found -> !found.generated())
                .orElseThrow(() -> ReinstateException.invalid(
                        option + " leads nowhere",
                        table.name() + " has no column " + column + " that can be written; it has "
                                + shown(table.columns().stream()
                                        .filter(there -> !there.generated())
                                        .map(TableColumn::name)
                                        .toList()),
                        "name one of them"));
    }

    private static ReinstateException twice(String option, String left) {
        return ReinstateException.invalid(
                option + " " + left + " is given twice", "only one of them can hold", "leave one of them out");
    }

    private static String shown(Collection<?> names) {
        String first = String.join(
                ", ", names.stream().limit(SHOWN).map(Object::toString).toList());
        return names.size() > SHOWN ? first + " and " + (names.size() - SHOWN) + " more" : first;
    }

    /** What a table of then is called now: as was decided, else as it was. */
    public TableName now(TableName then) {
        return tables.getOrDefault(then, then);
    }

    /** Whether that was decided for a table of then. */
    public boolean isMapped(TableName then) {
        return tables.containsKey(then);
    }

    /** What columns of then are called in that table of now, as far as it was decided. */
    public SortedMap<String, String> columns(TableName now) {
        return ofTable(columns, now);
    }

    /** Values to write into columns of that table where rows of then have none; empty is NULL. */
    public SortedMap<String, Optional<String>> defaults(TableName now) {
        return ofTable(defaults, now);
    }

    /** What labels of then are called now in that type, as {@code format_type} writes it for an empty search path. */
    public SortedMap<String, String> labels(String type) {
        return labels.getOrDefault(type, new TreeMap<>());
    }

    /** Types of which that was decided for labels. */
    public Set<String> mappedTypes() {
        return new TreeSet<>(labels.keySet());
    }

    private <T> SortedMap<String, T> ofTable(Map<TableName, SortedMap<String, T>> all, TableName table) {
        SortedMap<String, T> ofRoot = catalogue.table(table).isPresent()
                ? all.getOrDefault(catalogue.root(table), new TreeMap<>())
                : new TreeMap<>();
        SortedMap<String, T> merged = new TreeMap<>(ofRoot);
        merged.putAll(all.getOrDefault(table, new TreeMap<>()));
        return merged;
    }
}
