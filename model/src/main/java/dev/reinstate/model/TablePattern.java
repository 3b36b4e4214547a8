package dev.reinstate.model;

import java.util.regex.Pattern;

/**
 * Names many tables.
 *
 * @param text {@code schema.table}, where each {@code *} stands for any characters, also none, but for the first dot, which
 *     divides schema and table
 */
public record TablePattern(String text) {
    public TablePattern {
        int dot = text.indexOf('.');
        if (dot <= 0 || dot == text.length() - 1) {
            throw ReinstateException.invalid(
                    "\"" + text + "\" is no pattern of tables",
                    "it must name schema and table with a dot between",
                    "write it as public.audit_* or *.*");
        }
    }

    public boolean matches(TableName table) {
        int dot = text.indexOf('.');
        return fits(text.substring(0, dot), table.schema()) && fits(text.substring(dot + 1), table.name());
    }

    /** Whether the name is the pattern's, in which each {@code *} stands for any characters. */
    static boolean fits(String pattern, String name) {
        StringBuilder regex = new StringBuilder();
        for (String part : pattern.split("\\*", -1)) {
            regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(part));
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(name).matches();
    }

    @Override
    public String toString() {
        return text;
    }
}
