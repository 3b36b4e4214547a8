package dev.reinstate.cli.verb;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import dev.reinstate.restore.history.Damage;
import dev.reinstate.restore.history.Deletion;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;

/** How a tenant was lost, for scripts. */
record DamageDocument(
        TenantId tenant,
        Lsn restoreTo,
        Instant begin,
        Instant end,
        long transactions,
        long deletedRows,
        List<Piece> burst,
        Lost loss) {

    /** A deletion, or several that follow each other, told as one. */
    record Piece(
            Lsn position,
            Lsn lastPosition,
            Instant time,
            Instant lastTime,
            long xid,
            long transactions,
            long rows,
            SortedMap<TableName, Long> tables,
            SortedSet<TableName> goneTables) {
        static Piece of(Deletion deletion) {
            return new Piece(
                    deletion.position(),
                    deletion.lastPosition(),
                    deletion.time(),
                    deletion.lastTime(),
                    deletion.xid(),
                    deletion.transactions(),
                    deletion.deleted().total(),
                    deletion.deleted().rows(),
                    deletion.deleted().goneTables());
        }
    }

    /** What was written after that moment and does not come back. */
    record Lost(long commits, long rows, double seconds) {}

    static DamageDocument of(Damage damage) {
        return new DamageDocument(
                damage.tenant(),
                damage.position(),
                damage.begin(),
                damage.end(),
                damage.transactions(),
                damage.deletedRows(),
                damage.burst().stream().map(Piece::of).toList(),
                new Lost(
                        damage.loss().commits(),
                        damage.loss().rows(),
                        damage.loss().span().toMillis() / 1000.0));
    }
}
