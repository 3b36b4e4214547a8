package dev.reinstate.demo;

import java.util.List;

/**
 * What {@code reinstate restore} reported.
 *
 * @param sites one entry a site
 * @param seconds from start to end of the command
 */
record Reinstated(List<Site> sites, double seconds) {
    /**
     * One site.
     *
     * @param outcome as Reinstate calls it
     * @param transaction id of the transaction that brought it back
     * @param position the moment it was brought back to
     * @param isolation what the receipt says of the other tenants
     */
    record Site(String site, String outcome, long transaction, String position, double seconds, String isolation) {}

    List<Long> transactions() {
        return sites.stream().map(Site::transaction).filter(id -> id > 0).toList();
    }
}
