package dev.reinstate.cli.verb;

import dev.reinstate.restore.plan.ReferencePolicy;
import dev.reinstate.restore.schema.SchemaOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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
            paramLabel = "POLICY",
            converter = PolicyConverter.class,
            description = {
                "Foreign keys to rows of shared tables that no longer exist: fail (refuse, the default), null (write NULL",
                "and keep the values in a file), restore-shared-row (bring those shared rows back as they were), or",
                "restore-shared-row-or-null (NULL for those that were not there then)."
            })
    private ReferencePolicy references = ReferencePolicy.FAIL;

    /** Takes the policies' names as they are typed. */
    static final class PolicyConverter implements ITypeConverter<ReferencePolicy> {
        private static final Map<String, ReferencePolicy> NAMES = Arrays.stream(ReferencePolicy.values())
                .collect(Collectors.toMap(
                        policy -> policy.name().toLowerCase(Locale.ROOT).replace('_', '-'), policy -> policy));

        @Override
        public ReferencePolicy convert(String value) {
            return Optional.ofNullable(NAMES.get(value.toLowerCase(Locale.ROOT)))
                    .orElseThrow(() -> new TypeConversionException(
                            "expected one of " + new TreeSet<>(NAMES.keySet()) + " but was '" + value + "'"));
        }
    }

    ReferencePolicy references() {
        return references;
    }

    SchemaOptions schema() {
        return new SchemaOptions(maps, defaults, labels);
    }
}
