package dev.reinstate.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What {@code reinstate restore} reported.
 *
 * @param seconds from start to end of the command
 * @param receipt id of the stored receipt; empty when there is none
 * @param isolation what the change stream says of the other tenants
 * @param failures what it could not do
 */
record Reinstated(List<Site> sites, double seconds, String receipt, Isolation isolation, List<String> failures) {
    private static final String PENDING = "PENDING";
    private static final String PROVED = "PROVED";

    /**
     * One site.
     *
     * @param outcome as Reinstate calls it
     * @param position the moment it was brought back to
     * @param transaction that brought it back; 0 when nothing was written
     */
    record Site(String site, String outcome, String position, long transaction, double seconds) {
        boolean restored() {
            return "restored".equals(outcome);
        }
    }

    /** The receipt's statement on other tenants. */
    record Isolation(String state, List<String> findings) {
        static Isolation of(JsonNode document) {
            List<String> findings = new ArrayList<>();
            document.path("findings").forEach(finding -> findings.add(finding.asString("")));
            return new Isolation(document.path("state").asString("absent"), findings);
        }

        boolean proved() {
            return PROVED.equals(state);
        }
    }

    static Reinstated read(ReinstateCommand.Completed completed, double seconds, Verbs verbs)
            throws IOException, InterruptedException {
        JsonNode document = Verbs.parse(completed.output());
        List<Site> sites = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (JsonNode tenant : document.path("tenants")) {
            Site site = new Site(
                    tenant.path("tenant").asString("?"),
                    tenant.path("outcome").asString("?"),
                    tenant.path("position").asString("?"),
                    tenant.path("transaction").asLong(0),
                    tenant.path("seconds").asDouble(0));
            sites.add(site);
            if (!site.restored()) {
                failures.add(site.site() + ": " + site.outcome() + " " + tenant.path("error"));
            }
        }
        if (completed.exitCode() != 0) {
            failures.add(String.valueOf(Verbs.failed("restore", completed).getMessage()));
        }
        String receipt = document.path("receipt").asString("");
        Isolation isolation = isolation(document, receipt, verbs);
        if (!isolation.proved()) {
            failures.add("the receipt does not prove that other sites are untouched: " + isolation);
        }
        return new Reinstated(List.copyOf(sites), seconds, receipt, isolation, List.copyOf(failures));
    }

    /** Capture may not have passed the restore's own transactions yet. */
    private static Isolation isolation(JsonNode document, String receipt, Verbs verbs)
            throws IOException, InterruptedException {
        Isolation reported = Isolation.of(document.path("otherTenants"));
        return PENDING.equals(reported.state()) && !receipt.isEmpty()
                ? Isolation.of(verbs.receipt(receipt).path("otherTenants"))
                : reported;
    }

    List<Long> transactions() {
        return sites.stream().map(Site::transaction).filter(id -> id > 0).toList();
    }
}
