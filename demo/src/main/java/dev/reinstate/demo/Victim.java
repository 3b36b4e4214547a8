package dev.reinstate.demo;

import dev.reinstate.demo.oracle.Oracle;
import dev.reinstate.demo.saas.Ledger;
import java.time.Instant;
import java.util.List;

/**
 * A site the script deleted, as the demo itself saw it.
 *
 * @param recorded its rows right before the first damaging commit
 * @param gone when its last row was deleted
 * @param transactions ids of the script's commits that deleted rows of it, in order
 * @param since what users wrote to it from the first of them on
 */
record Victim(Oracle.Recorded recorded, Instant gone, List<Long> transactions, Ledger.Since since) {
    String site() {
        return recorded.site();
    }
}
