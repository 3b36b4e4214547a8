package dev.reinstate.model;

/**
 * Which store an archive is of. A position means nothing without it: after a failover or a restore of the whole server
 * the same LSN may name another history.
 *
 * @param systemIdentifier PostgreSQL's cluster identifier, an unsigned 64-bit number
 * @param timeline the timeline the history was read from, at least 1
 * @param database the database's name
 */
public record StoreIdentity(long systemIdentifier, int timeline, String database) {
    public StoreIdentity {
        if (timeline < 1) {
            throw new IllegalArgumentException("timeline " + timeline);
        }
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(systemIdentifier) + "/" + timeline + "/" + database;
    }
}
