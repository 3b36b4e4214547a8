package dev.reinstate.model;

/** Whose rows a part of the archive holds. */
public sealed interface Partition {
    /** Rows of one tenant. */
    record OfTenant(TenantId tenant) implements Partition {}

    /** Rows of shared tables, which belong to all. */
    record Shared() implements Partition {}

    /** Rows of tenants' tables for which no tenant could be found: kept, counted, shown, restorable by hand. */
    record Unattributed() implements Partition {}

    /** What happens to a whole table at once (TRUNCATE): every fold of that table honours it. */
    record StoreEvents() implements Partition {}

    Partition SHARED = new Shared();
    Partition UNATTRIBUTED = new Unattributed();
    Partition STORE_EVENTS = new StoreEvents();

    static Partition of(TenantId tenant) {
        return new OfTenant(tenant);
    }
}
