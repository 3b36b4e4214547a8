package dev.reinstate.demo;

import java.nio.file.Path;

/**
 * What the user asked for.
 *
 * @param directory holds everything the demo makes; must be absent, empty or left by an earlier demo
 * @param sites tenants in the database
 * @param scale multiplies the rows of every site
 * @param deleted how many sites the script deletes
 * @param transactionsPerSecond what all simulated users together commit at most
 * @param parallel how many sites are reinstated at a time
 */
public record DemoSettings(
        Path directory,
        int sites,
        double scale,
        int deleted,
        int transactionsPerSecond,
        int parallel,
        Options options) {
    /**
     * The rest, which few change.
     *
     * @param seed all randomness comes from it
     * @param keep leave server and capture running at the end
     */
    public record Options(long seed, boolean keep) {}

    public static final int DEFAULT_SITES = 200;
    public static final int DEFAULT_DELETED = 30;
    public static final int DEFAULT_TRANSACTIONS_PER_SECOND = 200;
    public static final int DEFAULT_PARALLEL = 4;
    static final int QUIET_SITES = 5;

    public DemoSettings {
        if (sites < 10 || sites > 9000) {
            throw new IllegalArgumentException("--sites " + sites + ": from 10 to 9000 sites are possible");
        }
        if (!(scale > 0 && scale <= 1000)) {
            throw new IllegalArgumentException("--scale " + scale + ": it must be above 0 and at most 1000");
        }
        if (deleted < 1 || deleted > sites - QUIET_SITES - 1) {
            throw new IllegalArgumentException("--delete " + deleted + ": of " + sites + " sites between 1 and "
                    + (sites - QUIET_SITES - 1) + " can be deleted, the others prove that they stay untouched");
        }
        if (transactionsPerSecond < 1 || parallel < 1) {
            throw new IllegalArgumentException("--rate and --parallel must be at least 1");
        }
    }
}
