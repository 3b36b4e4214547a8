package dev.reinstate.objectstore;

import java.util.regex.Pattern;

/** The one rule for keys, the same in every store, so that an archive can move from one to another. */
public final class ObjectKey {
    private static final int MAX_LENGTH = 512;
    private static final String PART = "[a-z0-9_-][a-z0-9._-]*";
    private static final Pattern KEY = Pattern.compile(PART + "(/" + PART + ")*");

    private ObjectKey() {}

    /** Whether it may be the key of an object. */
    public static boolean isKey(String key) {
        return key.length() <= MAX_LENGTH && KEY.matcher(key).matches();
    }

    /** The key; {@code INVALID} if it is none. */
    public static String require(String key) {
        if (!isKey(key)) {
            throw ObjectStoreException.invalid(
                    "\"" + key + "\" is not a key",
                    "keys are at most " + MAX_LENGTH + " characters of a-z 0-9 . _ - in parts divided by /");
        }
        return key;
    }
}
