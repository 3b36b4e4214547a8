package dev.reinstate.postgres.discovery;

import dev.reinstate.model.Column;
import java.util.Optional;
import java.util.Set;

/** Which column can hold another table's key: one of equal texts for equal values, as attribution compares them. */
final class KeyTypes {
    private static final Set<Integer> INTEGERS = Set.of(20, 21, 23);
    private static final Set<Integer> TEXTS = Set.of(25, 1043);
    private static final int UUID = 2950;

    private KeyTypes() {}

    /** Whether equal values of both types have equal texts and can be compared. */
    static boolean alike(int one, int other) {
        boolean integers = INTEGERS.contains(one) && INTEGERS.contains(other);
        boolean texts = TEXTS.contains(one) && TEXTS.contains(other);
        return one == other || integers || texts;
    }

    static boolean isInteger(int type) {
        return INTEGERS.contains(type);
    }

    static boolean isText(int type) {
        return TEXTS.contains(type);
    }

    /**
     * The reference as an expression of the key's type, for a look-up by the key's index. A text that is no such key
     * becomes NULL. Empty for types that cannot refer to one another.
     */
    static Optional<String> cast(Column reference, Column key, String expression) {
        if (alike(reference.typeOid(), key.typeOid())) {
            return Optional.of(expression);
        }
        if (isText(reference.typeOid()) && isInteger(key.typeOid())) {
            return Optional.of(
                    "CASE WHEN " + expression + " ~ '^(0|-?[1-9][0-9]{0,17})$' THEN " + expression + "::bigint END");
        }
        if (isText(reference.typeOid()) && key.typeOid() == UUID) {
            return Optional.of("CASE WHEN " + expression + " ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN "
                    + expression + "::uuid END");
        }
        return Optional.empty();
    }
}
