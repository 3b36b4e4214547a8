package dev.reinstate.bench;

import dev.reinstate.bench.result.Outcome;

/** One measurement with its peers. */
public interface Bench {
    /** As given on the command line and in the name of the results' file. */
    String name();

    /** Sets everything up, measures {@link Site#rounds} times, takes everything down. */
    Outcome run(Site site) throws Exception;
}
