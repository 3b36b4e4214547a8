package dev.reinstate.objectstore;

/** The one rule for keys, the same in every store, so that an archive can move from one to another. */
public final class ObjectKey {
    private static final int MAX_LENGTH = 512;

    private ObjectKey() {}

    /** Whether it may be the key of an object. */
    public static boolean isKey(String key) {
        boolean isAtPart = true;
        for (int i = 0; i < key.length(); i++) {
            char letter = key.charAt(i);
            if (letter == '/' ? isAtPart : !isLetter(letter) && (isAtPart || letter != '.')) {
                return false;
            }
            isAtPart = letter == '/';
        }
        return !isAtPart && key.length() <= MAX_LENGTH;
    }

    /** Whether a part of a key may begin with it. */
    private static boolean isLetter(char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
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
