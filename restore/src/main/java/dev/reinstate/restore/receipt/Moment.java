package dev.reinstate.restore.receipt;

import dev.reinstate.model.Lsn;
import dev.reinstate.restore.history.Damage;
import java.time.Instant;
import java.util.Optional;

/**
 * The moment a tenant was restored to and how it was chosen.
 *
 * @param time the time asked for, or when the damage began
 * @param evidence the burst of deletions that it is just before
 */
public record Moment(Lsn position, Choice choice, Optional<Instant> time, Optional<Damage> evidence) {
    /** Who chose it. */
    public enum Choice {
        AT_TIME,
        AT_POSITION,
        BEFORE_DELETION,
        /** The earliest of several tenants', for all of them. */
        SAME_MOMENT
    }

    public static Moment atTime(Lsn position, Instant time) {
        return new Moment(position, Choice.AT_TIME, Optional.of(time), Optional.empty());
    }

    public static Moment atPosition(Lsn position) {
        return new Moment(position, Choice.AT_POSITION, Optional.empty(), Optional.empty());
    }

    public static Moment before(Damage damage, boolean sameMoment) {
        return new Moment(
                damage.position(),
                sameMoment ? Choice.SAME_MOMENT : Choice.BEFORE_DELETION,
                Optional.of(damage.begin()),
                Optional.of(damage));
    }
}
