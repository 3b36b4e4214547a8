package dev.reinstate.postgres.discovery;

import dev.reinstate.postgres.Sql;
import dev.reinstate.postgres.catalogue.Equality;
import dev.reinstate.postgres.catalogue.Table;
import java.util.Set;

/**
 * How a column that holds keys of several tables is compared with one of those keys. Columns that serve many tables are
 * often texts, and the keys numbers or UUIDs: values are equal when their texts are, and each side is also written as a
 * value of the other's type, so that an index on either side can find it. A text that is no such value is none, not an
 * error.
 */
final class KeyComparison {
    private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint");
    private static final Set<String> TEXTS = Set.of("text", "character varying");

    /** One side of the comparison: an expression and its type without modifiers. */
    private record Side(String expression, String type, Equality equality) {
        static Side of(Table table, String column, String alias) {
            String type = table.column(column)
                    .map(found -> found.column().typeName().replaceFirst("\\(.*", ""))
                    .orElse("");
            return new Side(alias + "." + Sql.identifier(column), type, table.equality(column));
        }

        boolean isComparableTo(Side other) {
            return type.equals(other.type)
                    || (INTEGERS.contains(type) && INTEGERS.contains(other.type))
                    || (TEXTS.contains(type) && TEXTS.contains(other.type));
        }

        /** This side as a value of the other's type; NULL where it is none. */
        String as(Side other) {
            if (isComparableTo(other)) {
                return expression;
            }
            String text = equality.text(expression);
            if (INTEGERS.contains(other.type)) {
                return "CASE WHEN " + text + " ~ '^(0|-?[1-9][0-9]{0,17})$' OR (" + text
                        + " ~ '^[1-9][0-9]{18}$' AND " + text + " COLLATE \"C\" <= '9223372036854775807') THEN " + text
                        + "::bigint END";
            }
            if (other.type.equals("uuid")) {
                return "CASE WHEN " + text + " ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN " + text
                        + "::uuid END";
            }
            return text;
        }

        /** What {@link #as} is to be compared with. */
        String comparedTo(Side other) {
            boolean convertible = isComparableTo(other) || INTEGERS.contains(type) || type.equals("uuid");
            boolean bare = convertible || (TEXTS.contains(type) && equality.sameText());
            return bare ? expression : equality.text(expression);
        }
    }

    private final Side key;
    private final Side holder;

    /** Of the key of one table and the column of another that may hold it. */
    KeyComparison(Table keyTable, String keyColumn, String keyAlias, Table table, String column, String alias) {
        this.key = Side.of(keyTable, keyColumn, keyAlias);
        this.holder = Side.of(table, column, alias);
    }

    /** True where the column holds the key. */
    String condition() {
        return key.isComparableTo(holder)
                ? key.equality().exactly(key.expression(), holder.equality(), holder.expression())
                : key.comparedTo(holder) + " = " + holder.as(key) + " AND " + holder.comparedTo(key) + " = "
                        + key.as(holder);
    }

    /** Whether {@link #holder} {@code =} {@link #keyAsHeld} says all there is to say. */
    boolean isByOneOperator() {
        return !key.isComparableTo(holder) || key.equality().isPlain(holder.equality());
    }

    /** The key as the column would hold it, to be compared with {@link #holder}. */
    String keyAsHeld() {
        return key.as(holder);
    }

    String holder() {
        return holder.comparedTo(key);
    }
}
