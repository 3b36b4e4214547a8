package dev.reinstate.capture.protection;

import dev.reinstate.capture.source.SourceLock;
import dev.reinstate.postgres.ddl.DdlTrigger;
import dev.reinstate.postgres.replication.Publications;
import dev.reinstate.postgres.replication.ReplicationSlots;
import dev.reinstate.postgres.replication.SourceNames;
import java.sql.Connection;

/** Removes everything that protection put into a source database. The archive stays as it is. */
public final class Unprotect {
    private Unprotect() {}

    /** {@code CONFLICT} while a capture runs; repeating it is harmless. True when there was a slot. */
    public static boolean run(Connection source, SourceNames names) {
        return SourceLock.whileUnused(source, names.slot(), () -> {
            boolean dropped = ReplicationSlots.drop(source, names.slot());
            Publications.drop(source, names);
            new DdlTrigger(names).remove(source);
            return dropped;
        });
    }
}
