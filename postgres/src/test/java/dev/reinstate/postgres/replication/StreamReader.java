package dev.reinstate.postgres.replication;

import dev.reinstate.postgres.pgoutput.PgOutputDecoder;
import dev.reinstate.postgres.pgoutput.PgOutputMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reads a stream until something arrives, or fails after a deadline. */
public final class StreamReader {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private StreamReader() {}

    /** Everything up to and including the message looked for. */
    public static List<PgOutputMessage> until(ReplicationStream stream, Predicate<PgOutputMessage> last) {
        List<PgOutputMessage> messages = new ArrayList<>();
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (System.nanoTime() < deadline) {
            var bytes = stream.read(Duration.ofMillis(200));
            if (bytes.isPresent()) {
                PgOutputMessage message = PgOutputDecoder.decode(bytes.get());
                messages.add(message);
                if (last.test(message)) {
                    return messages;
                }
            }
        }
        throw new AssertionError("not within " + DEADLINE + ", only " + messages);
    }

    /** Up to the transactional or other message of that prefix and, if inside one, its commit. */
    public static List<PgOutputMessage> untilMark(ReplicationStream stream, String prefix) {
        return until(
                stream,
                m -> m instanceof PgOutputMessage.LogicalMessage mark
                        && mark.prefix().equals(prefix));
    }
}
