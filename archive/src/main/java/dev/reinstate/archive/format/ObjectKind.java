package dev.reinstate.archive.format;

/** What a data object is. */
public enum ObjectKind {
    IMAGE_PART('I'),
    SEGMENT('S');

    private final char code;

    ObjectKind(char code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static ObjectKind ofCode(int code) {
        return switch (code) {
            case 'I' -> IMAGE_PART;
            case 'S' -> SEGMENT;
            default -> throw Damage.of("INV-9", "An object of unknown kind " + code, "it may be of a newer version");
        };
    }
}
