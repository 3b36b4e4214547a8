package dev.reinstate.bench.product;

import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a restore of one tenant took, by its receipt and by the clock.
 *
 * @param reading within the transaction: the archive, the live rows, merging them
 * @param writing within the transaction: handing rows to the database, checking references, committing
 * @param verifying within the transaction: reading back and comparing
 * @param process the whole command: its JVM's start, the plan, the transaction, the receipt
 */
public record Restored(
        Duration reading,
        Duration writing,
        Duration verifying,
        Duration process,
        long peakResidentBytes,
        long peakHeapBytes) {

    static Restored of(Installation.Finished finished) {
        String printed = finished.printed();
        String json = printed.substring(printed.indexOf('{'), printed.lastIndexOf('}') + 1);
        JsonNode timings = JsonMapper.shared().readTree(json).findValue("timings");
        if (timings == null) {
            throw new IllegalStateException("a restore without timings:\n" + printed);
        }
        return new Restored(
                millis(timings, "readMillis"),
                millis(timings, "writeMillis")
                        .plus(millis(timings, "referenceMillis"))
                        .plus(millis(timings, "commitMillis")),
                millis(timings, "verifyMillis"),
                finished.wall(),
                finished.peakResidentBytes(),
                finished.peakHeapBytes());
    }

    private static Duration millis(JsonNode timings, String name) {
        return Duration.ofMillis(timings.required(name).asLong());
    }

    /** The transaction without reading back. */
    public Duration transaction() {
        return reading.plus(writing);
    }

    /** The whole command without reading back. */
    public Duration withoutVerifying() {
        return process.minus(verifying);
    }
}
