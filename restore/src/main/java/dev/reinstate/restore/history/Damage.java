package dev.reinstate.restore.history;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How a tenant was lost and the last moment before that. Position and evidence are facts of the archive; the rule that
 * leads from one to the other is in {@code docs/concepts/damage.md}.
 *
 * @param position where to restore to: everything up to just before the first transaction of the burst
 * @param burst the transactions that deleted the tenant, oldest first; the last one deleted its row in the tenant table,
 *     or without one its last row. Tables that were dropped with rows of it are among them
 * @param loss what the tenant wrote after that moment, which a restore to it does not bring back
 */
public record Damage(TenantId tenant, Lsn position, List<Deletion> burst, Loss loss) {
    public Damage {
        burst = List.copyOf(burst);
    }

    /** When the damage began: commit time of the first transaction of the burst. */
    public Instant begin() {
        return burst.getFirst().time();
    }

    /** When the tenant was gone. */
    public Instant end() {
        return burst.getLast().lastTime();
    }

    /** Tables of the burst that were dropped, or are not captured any more; when that was is not known exactly. */
    public SortedSet<TableName> goneTables() {
        SortedSet<TableName> gone = new TreeSet<>();
        burst.forEach(piece -> gone.addAll(piece.deleted().goneTables()));
        return gone;
    }

    public long deletedRows() {
        return burst.stream().mapToLong(piece -> piece.deleted().total()).sum();
    }

    public long transactions() {
        return burst.stream().mapToLong(Deletion::transactions).sum();
    }

    Damage at(Lsn otherPosition, Loss otherLoss) {
        return new Damage(tenant, otherPosition, burst, otherLoss);
    }

    /**
     * Changes of the tenant after a moment that are not the deletion itself.
     *
     * @param commits transactions with such changes
     * @param rows changes of rows
     * @param span from the begin of the damage to the last such commit; zero when there is none
     * @param last commit time of the last one
     */
    public record Loss(long commits, long rows, Duration span, Optional<Instant> last) {
        public static final Loss NONE = new Loss(0, 0, Duration.ZERO, Optional.empty());
    }
}
