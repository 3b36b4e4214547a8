package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.postgres.catalogue.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which table a polymorphic type's text names: a class, with or without its namespace, or an alias. */
final class TypeNames {
    private static final Pattern SEPARATORS = Pattern.compile("::|[\\\\./:]+");

    private final List<Table> tables;

    /** @param tables that can be meant: none of them a part of another */
    TypeNames(List<Table> tables) {
        this.tables = tables;
    }

    /**
     * The one table that the text names best, by all its words or by fewer of its last ones; a table of the same schema
     * first. Empty when none or several do.
     */
    Optional<TableName> table(String text, String schema) {
        List<String> segments = Arrays.stream(SEPARATORS.split(text, -1))
                .filter(segment -> !segment.isBlank())
                .toList();
        for (int from = 0; from < segments.size(); from++) {
            Words words = Words.of(String.join("_", segments.subList(from, segments.size())));
            List<TableName> named = named(words);
            List<TableName> near =
                    named.stream().filter(t -> t.schema().equals(schema)).toList();
            List<TableName> found = near.isEmpty() ? named : near;
            if (!found.isEmpty()) {
                return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Tables that consist of those words; else those that do behind an application's prefix. */
    private List<TableName> named(Words words) {
        if (words.isEmpty()) {
            return List.of();
        }
        List<TableName> whole = new ArrayList<>();
        List<TableName> prefixed = new ArrayList<>();
        for (Table table : tables) {
            Words name = Words.of(table.name().name());
            if (name.equals(words) || name.together().equals(words.together())) {
                whole.add(table.name());
            } else if (words.endOf(name) && name.words().size() == words.words().size() + 1) {
                prefixed.add(table.name());
            }
        }
        return whole.isEmpty() ? prefixed : whole;
    }

    /** The table of a Django model, which is called {@code app_model} unless the model says otherwise. */
    Optional<TableName> djangoTable(String appLabel, String model, String schema) {
        String wanted = (appLabel + "_" + model).toLowerCase(Locale.ROOT);
        List<TableName> exact = tables.stream()
                .map(Table::name)
                .filter(t -> t.name().toLowerCase(Locale.ROOT).equals(wanted))
                .toList();
        Optional<TableName> near =
                exact.stream().filter(t -> t.schema().equals(schema)).findFirst();
        if (near.isPresent() || exact.size() == 1) {
            return near.or(() -> exact.stream().findFirst());
        }
        List<TableName> byModel = tables.stream()
                .map(Table::name)
                .filter(t ->
                        Words.of(t.name()).together().equals(Words.of(model).together()))
                .toList();
        return byModel.size() == 1 ? byModel.stream().findFirst() : Optional.empty();
    }
}
