package dev.reinstate.cli.wiring;

import dev.reinstate.cli.terminal.Amounts;
import dev.reinstate.cli.wiring.Archives.StoredArchive;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.RateLimit;
import dev.reinstate.objectstore.RateLimitedObjectStore;

/**
 * Bytes a second that maintenance may read and write. It bounds the processor time, too: what is not read is not packed.
 */
public record MaintenanceRate(long bytesPerSecond) {
    /** {@code INVALID} unless the text is a size of at least 1 kB. */
    public static MaintenanceRate of(String option, String text) {
        return Amounts.parseBytes(text)
                .filter(bytes -> bytes >= 1000)
                .map(MaintenanceRate::new)
                .orElseThrow(() -> ReinstateException.invalid(
                        "\"" + text + "\" is not a rate",
                        option + " is a size of at least 1kB, a second",
                        "write it as 20MB"));
    }

    /** The same archive, used no faster. */
    public StoredArchive limit(StoredArchive stored) {
        return new StoredArchive(
                new RateLimitedObjectStore(
                        stored.objects(), RateLimit.none(), RateLimit.perSecond((double) bytesPerSecond)),
                stored.settings());
    }
}
