package dev.reinstate.cli.verb;

import dev.reinstate.cli.coverage.Coverage;
import dev.reinstate.postgres.discovery.CoverageReport;

/**
 * How much of a database is covered, for a script.
 *
 * @param rows about so many, ignored ones left out
 * @param covered of them, rows that come back with a tenant or are kept as shared
 * @param ignored rows of tables that are not captured
 * @param share from 0 to 1
 */
record CoverageShare(long rows, long covered, long ignored, double share) {
    static CoverageShare of(Coverage coverage) {
        CoverageReport.Totals totals = coverage.report().totals();
        return new CoverageShare(
                totals.all() - totals.ignored(), totals.covered(), totals.ignored(), totals.shareCovered());
    }
}
