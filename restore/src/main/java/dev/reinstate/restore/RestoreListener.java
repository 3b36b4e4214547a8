package dev.reinstate.restore;

import dev.reinstate.restore.apply.ApplyListener;

/** Told how a run gets on; called by several threads at once. */
public interface RestoreListener extends ApplyListener {
    /** Nobody listens. */
    RestoreListener SILENT = new RestoreListener() {};

    /** A tenant's plan is made, or could not be. */
    default void planned(PlannedTenant tenant) {}

    /** A tenant is done with, one way or the other. */
    default void finished(TenantResult result) {}
}
