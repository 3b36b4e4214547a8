package dev.reinstate.cli.verb;

import dev.reinstate.restore.plan.ReferencePolicy;
import dev.reinstate.restore.schema.SchemaOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What to do about changes of the schema, and of rows of shared tables, between the moment restored and today. */
final class ChangeOptions {
    @Option(
            names = "--map",
            paramLabel = "OLD=NEW",
            description = {
                "A column (schema.table.old=new) or table (schema.old=schema.new) that has another name now.",
                "Repeatable."
            })
    private List<String> maps = new ArrayList<>();

    @Option(
            names = "--default",
            paramLabel = "COLUMN=VALUE",
            description = {
                "A value (schema.table.column=value, as PostgreSQL writes it; without =value: NULL) for rows of then that",
                "have none: in a new column rows to insert, in one that must not be NULL any more all. Repeatable."
            })
    private List<String> defaults = new ArrayList<>();

    @Option(
            names = "--map-label",
            paramLabel = "OLD=NEW",
            description = "A label of an enumeration (schema.type.old=new) that is gone or renamed. Repeatable.")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = "--references",
            paramLabel = "fail|null",
            description = {
                "Foreign keys to rows of shared tables that no longer exist: refuse, or write NULL and keep the values in",
                "a file (default: fail)."
            })
    private ReferencePolicy references = ReferencePolicy.FAIL;

    ReferencePolicy references() {
        return references;
    }

    SchemaOptions schema() {
        return new SchemaOptions(maps, defaults, labels);
    }
}
