package dev.reinstate.model;

import org.jspecify.annotations.Nullable;

/** What a change did to one row of one partition. The code is what the archive stores. */
public enum Operation {
    /** The row appeared; the tuple is complete. */
    INSERT('I'),
    /** The row changed; columns the stream called unchanged lean on the preceding version. */
    UPDATE('U'),
    /** The row is gone. */
    DELETE('D'),
    /** The row came from another partition; the tuple is complete. */
    ENTER('E'),
    /** The row went to another partition. */
    LEAVE('L'),
    /** The row's key changed and this is the old key; not a deletion. */
    REKEY_OUT('K'),
    /** The row's key changed and this is the new key; the tuple is complete. */
    REKEY_IN('R'),
    /** Every row of the table is gone, in every partition; only in {@link Partition#STORE_EVENTS}. */
    TRUNCATE('T'),
    /** The row is larger than the stated limit: its key is known, its values were not kept, it cannot be restored. */
    OVERSIZED('O');

    private static final @Nullable Operation[] BY_CODE = new Operation[128];

    static {
        for (Operation operation : values()) {
            BY_CODE[operation.code] = operation;
        }
    }

    private final char code;

    Operation(char code) {
        this.code = code;
    }

    public char code() {
        return code;
    }

    /** Whether the row exists after this change. */
    public boolean leavesRow() {
        return switch (this) {
            case INSERT, UPDATE, ENTER, REKEY_IN, OVERSIZED -> true;
            case DELETE, LEAVE, REKEY_OUT, TRUNCATE -> false;
        };
    }

    public static Operation ofCode(int code) {
        @Nullable Operation operation = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
        if (operation != null) {
            return operation;
        }
        throw ReinstateException.damaged(
                "A change of unknown kind " + code,
                "the archive is damaged or was written by a newer version",
                "run `reinstate check`");
    }
}
