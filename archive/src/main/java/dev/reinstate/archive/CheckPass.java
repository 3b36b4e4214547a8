package dev.reinstate.archive;

/**
 * How far a walk over the whole archive has come that takes several checks. What is checked next follows from the seed:
 * objects in the order of a hash of seed and name. So a pass meets everything once that was there when it began and still
 * is, and what came since is met in this pass or the next one.
 *
 * @param seed of the order
 * @param after the hash up to which the pass has come, as unsigned; 0 at its beginning
 */
public record CheckPass(long seed, long after) {
    public static CheckPass begin(long seed) {
        return new CheckPass(seed, 0);
    }
}
