package dev.reinstate.capture.owner;

import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import java.util.Arrays;

/**
 * What a row that names its parent by type says: the text that stands for the parent's table, and the parent's key.
 */
record TypedKey(String type, RowKey key) {
    private static final int COLUMNS = 2;

    static TypedKey of(byte[] reference) {
        Tuple named = Tuple.ofEncoded(reference, COLUMNS);
        byte[] encoded = named.encoded();
        RowKey key = RowKey.ofEncoded(Arrays.copyOfRange(encoded, named.columnOffset(1), encoded.length));
        return new TypedKey(named.text(0).orElseThrow(), key);
    }
}
