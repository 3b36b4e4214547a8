package dev.reinstate.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What {@code reinstate restore} reported.
 *
 * @param seconds from start to end of the command
 */
record Reinstated(List<Site> sites, double seconds, List<String> failures) {
    /**
     * One site.
     *
     * @param outcome as Reinstate calls it
     * @param position the moment it was brought back to
     * @param receipt as stored in the archive
     */
    record Site(String site, String outcome, String position, double seconds, JsonNode receipt) {
        boolean restored() {
            return "restored".equals(outcome);
        }

        /** Ids of the transactions that brought it back. */
        List<Long> transactions() {
            List<Long> ids = new ArrayList<>();
            collect(receipt, ids);
            return ids;
        }

        private static void collect(JsonNode node, List<Long> ids) {
            node.properties().forEach(field -> {
                if (field.getKey().equals("xid")) {
                    ids.add(field.getValue().asLong(0));
                } else if (field.getValue().isObject()) {
                    collect(field.getValue(), ids);
                }
            });
        }
    }

    static Reinstated read(ReinstateCommand.Completed completed, double seconds, Verbs verbs)
            throws IOException, InterruptedException {
        JsonNode document = Verbs.parse(completed.output());
        List<Site> sites = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (JsonNode tenant : document.path("tenants")) {
            String id = tenant.path("tenant").asString("?");
            String outcome = tenant.path("outcome").asString("?");
            String receipt = tenant.path("receipt").asString("");
            sites.add(new Site(
                    id,
                    outcome,
                    tenant.path("position").asString("?"),
                    tenant.path("seconds").asDouble(0),
                    receipt.isEmpty() ? Verbs.parse("{}") : verbs.receipt(receipt)));
            if (!"restored".equals(outcome)) {
                failures.add(id + ": " + outcome + " " + tenant.path("error"));
            }
        }
        if (completed.exitCode() != 0) {
            failures.add(String.valueOf(Verbs.failed("restore", completed).getMessage()));
        }
        return new Reinstated(List.copyOf(sites), seconds, List.copyOf(failures));
    }

    List<Long> transactions() {
        return sites.stream().flatMap(site -> site.transactions().stream()).toList();
    }
}
