package dev.reinstate.model;

/**
 * The identity of one tenant: the text form of its row's key in the tenant table, for example {@code site-1042}.
 *
 * @param value 1 to 1024 characters, none of them a control character
 */
public record TenantId(String value) implements Comparable<TenantId> {
    private static final int MAX_LENGTH = 1024;

    public TenantId {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw ReinstateException.invalid(
                    "A tenant id of " + value.length() + " characters",
                    "an id has 1 to " + MAX_LENGTH + " characters",
                    "give the id as it stands in the tenant table");
        }
        if (hasControlCharacter(value)) {
            throw ReinstateException.invalid(
                    "A tenant id with a control character",
                    "ids are printed and stored as one line of text",
                    "give the id as it stands in the tenant table");
        }
    }

    private static boolean hasControlCharacter(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int compareTo(TenantId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
