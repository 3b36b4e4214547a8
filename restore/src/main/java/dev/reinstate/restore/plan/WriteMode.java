package dev.reinstate.restore.plan;

/** How rows get past foreign keys and triggers; see {@code docs/concepts/restore.md}. */
public enum WriteMode {
    /** {@code session_replication_role = replica}: no triggers, and references are checked by the restore. */
    REPLICA_ROLE,
    /** Without that right: parents first, constraints deferred, the server checks, and the tables' triggers fire. */
    TRIGGERS_FIRE
}
