package dev.reinstate.cli.verb;

import dev.reinstate.restore.plan.RestorePolicy;
import picocli.CommandLine.Option;

/** What happens to rows the tenant has now; at most one of them. */
final class PolicyOptions {
    @Option(names = "--into-empty", description = "Refuse when the tenant has a live row that differs (the default).")
    private boolean intoEmpty;

    @Option(
            names = "--replace",
            description = "Make the tenant exactly what it was; rows written since are saved to files before they go.")
    private boolean replace;

    @Option(names = "--missing-only", description = "Put back what is gone, touch nothing that the tenant has.")
    private boolean missingOnly;

    RestorePolicy policy() {
        return replace && !intoEmpty
                ? RestorePolicy.REPLACE
                : missingOnly ? RestorePolicy.MISSING_ONLY : RestorePolicy.INTO_EMPTY;
    }
}
