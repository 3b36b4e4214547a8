package dev.reinstate.demo;

import dev.reinstate.demo.oracle.Census;
import dev.reinstate.demo.oracle.Oracle;
import dev.reinstate.demo.saas.Gate;
import dev.reinstate.demo.saas.Ledger;
import dev.reinstate.demo.saas.Traffic;
import dev.reinstate.demo.terminal.Terminal;
import java.time.InstantSource;
import javax.sql.DataSource;

/** What the acts share. */
record Stage(
        DemoSettings settings, Terminal terminal, InstantSource clock, Saas saas, Witnesses witnesses, Verbs verbs) {
    /**
     * The SaaS as it runs.
     *
     * @param rows of all sites, as they were written at first
     */
    record Saas(DataSource database, long rows, Cast cast, Gate gate, Ledger ledger, Traffic traffic) {}

    /** Who knows what is true. */
    record Witnesses(Oracle oracle, Census census) {}
}
