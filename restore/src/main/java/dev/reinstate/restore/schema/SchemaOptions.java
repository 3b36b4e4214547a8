package dev.reinstate.restore.schema;

import java.util.List;

/**
 * What a person has decided about schema changes, as it was typed.
 *
 * @param maps {@code schema.table.old=new} or {@code schema.old=schema.new}
 * @param defaults {@code schema.table.column=value}, or without {@code =value} for NULL
 * @param labels {@code schema.type.old=new}
 */
public record SchemaOptions(List<String> maps, List<String> defaults, List<String> labels) {
    /** Nothing is decided. */
    public static final SchemaOptions NONE = new SchemaOptions(List.of(), List.of(), List.of());

    public SchemaOptions {
        maps = List.copyOf(maps);
        defaults = List.copyOf(defaults);
        labels = List.copyOf(labels);
    }
}
