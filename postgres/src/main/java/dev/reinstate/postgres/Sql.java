package dev.reinstate.postgres;

import dev.reinstate.model.TableName;
import java.util.Collection;
import java.util.stream.Collectors;

/** Quotes names and texts for SQL, always, so that nothing depends on {@code search_path} or on luck. */
public final class Sql {
    private Sql() {}

    /** A double-quoted identifier. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** {@code "schema"."table"}. */
    public static String table(TableName name) {
        return identifier(name.schema()) + "." + identifier(name.name());
    }

    /** Quoted identifiers with commas between. */
    public static String identifiers(Collection<String> names) {
        return names.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }

    /**
     * A text as a value of that type, read by the type's own input, as COPY reads it.
     *
     * @param type as {@code format_type} writes it
     */
    public static String fromText(String expression, String type) {
        // the one cast from text that does otherwise: it takes a number for a name
        return type.equals("regclass")
                ? "pg_catalog.regclassin(pg_catalog.textout(" + expression + "))"
                : expression + "::" + type;
    }

    /** A string literal that means the same whatever {@code standard_conforming_strings} is. */
    public static String literal(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
    }
}
