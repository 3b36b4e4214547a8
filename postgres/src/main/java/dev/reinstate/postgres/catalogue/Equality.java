package dev.reinstate.postgres.catalogue;

import java.util.Set;

/**
 * How values of a column are compared in SQL that does not depend on {@code search_path}: by the equality of its type,
 * which an extension's type has in the extension's schema; and, where equal values may be written differently ({@code 1.0}
 * and {@code 1.00}), by their texts too, as the archive does.
 *
 * @param type of a domain, the type that it is made of
 * @param scale of a numeric column that is declared with one, the modifier that says so; -1 for all others
 * @param operator the one that keys and indexes of the type go by
 * @param sameText whether equal values have the same text
 */
public record Equality(int type, int scale, String operator, boolean sameText) {
    /** Where nothing is known of the type. */
    static final Equality NOT_TOLD = new Equality(0, -1, "=", false);

    private static final int NUMERIC = 1700;
    private static final Set<Integer> INTEGERS = Set.of(20, 21, 23, 26);
    private static final Set<Integer> TEXTS = Set.of(19, 25, 1043);

    /**
     * Types of the server of which equal values have the same text, with a deterministic collation: boolean, bytea, "char",
     * name, integers, text, oid, tid, xid, cid, cidr, macaddr8, money, macaddr, inet, varchar, date, time, timestamps, bit,
     * varbit, uuid, pg_lsn, xid8. Not numeric
     * (of any scale), float (-0), char(n) (blanks), interval (30 days are a month), jsonb
     * and whatever is made of others.
     */
    private static final Set<Integer> SAME_TEXT = Set.of(
            16, 17, 18, 19, 20, 21, 23, 25, 26, 27, 28, 29, 650, 774, 790, 829, 869, 1043, 1082, 1083, 1114, 1184, 1560,
            1562, 2950, 3220, 5069);

    /** boolean, cidr and inet, of which a cast to text makes another one than COPY and the change stream write. */
    private static final Set<Integer> CAST_OTHERWISE = Set.of(16, 650, 869);

    static Equality of(int type, String operator, boolean isEnum) {
        return new Equality(type, -1, operator, isEnum || SAME_TEXT.contains(type));
    }

    /**
     * Of a column with that modifier and collation. Under one that is not deterministic different texts are equal; numbers
     * of a declared scale are all written with as many digits.
     */
    Equality of(int modifier, boolean deterministic) {
        boolean scaled = type == NUMERIC && modifier >= 0;
        return new Equality(type, scaled ? modifier : -1, operator, scaled || (sameText && deterministic));
    }

    /** A condition: the server takes both for equal. An index on either side is of use. */
    public String of(String left, String right) {
        return left + " " + operator + " " + right;
    }

    /** A condition: the column has just this value, given as a literal. */
    public String exactly(String expression, String literal) {
        String equal = of(expression, literal);
        return sameText ? equal : equal + " AND " + text(expression) + " = " + literal;
    }

    /** A condition: both are equal and written the same. An index on either side is of use when the types are alike. */
    public String exactly(String expression, Equality other, String otherExpression) {
        if (!operator.equals(other.operator)) {
            return comparable(expression) + " = " + other.comparable(otherExpression);
        }
        String equal = of(expression, otherExpression);
        return isPlain(other) ? equal : equal + " AND " + written(expression) + " = " + other.written(otherExpression);
    }

    /** Whether {@code =} is all it takes to compare them, texts included. */
    public boolean isPlain(Equality other) {
        boolean alike = (type == other.type && scale == other.scale)
                || (INTEGERS.contains(type) && INTEGERS.contains(other.type))
                || (TEXTS.contains(type) && TEXTS.contains(other.type));
        return alike && sameText && other.sameText && operator.equals("=") && other.operator.equals("=");
    }

    /** The value as the archive has it, NULL for NULL. A cast to text would take the blanks of char(n) away. */
    public String text(String expression) {
        return sameText && !CAST_OTHERWISE.contains(type)
                ? expression + "::text"
                : "(CASE WHEN " + expression + " IS NOT NULL THEN " + written(expression) + " END)";
    }

    private String comparable(String expression) {
        return sameText && TEXTS.contains(type) ? expression : text(expression);
    }

    /** The text of a value that is not NULL. */
    private String written(String expression) {
        return "pg_catalog.format('%s', " + expression + ") COLLATE \"C\"";
    }
}
