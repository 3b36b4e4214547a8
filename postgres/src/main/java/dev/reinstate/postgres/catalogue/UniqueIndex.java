package dev.reinstate.postgres.catalogue;

import java.util.List;

/** A valid unique index without predicate or expressions. */
record UniqueIndex(
        String name,
        List<String> columns,
        boolean primary,
        boolean replicaIdentity,
        boolean immediate,
        boolean nullsNotDistinct) {
    Table.UniqueConstraint toConstraint() {
        return new Table.UniqueConstraint(name, columns, !immediate, nullsNotDistinct);
    }
}
