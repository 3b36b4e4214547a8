package dev.reinstate.postgres.pgoutput;

import java.nio.ByteBuffer;

/** Decodes messages of pgoutput, protocol version 1, text values. Pure and without state. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class PgOutputDecoder {
    private PgOutputDecoder() {}

    /**
     * Decodes the one message the buffer holds and leaves the buffer at its end. Bytes that are no such message are a
     * {@code BUG}, told with their offset.
     */
    public static PgOutputMessage decode(ByteBuffer message) {
        throw new UnsupportedOperationException(message.toString());
    }
}
