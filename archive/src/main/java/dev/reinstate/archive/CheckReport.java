package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.UncertainInterval;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a check found.
 *
 * @param coverage how much of the archive was looked at
 * @param findings damage first
 * @param losses who lost which positions because of damage, and keeps which; empty when nobody lost any
 * @param restorable the stretches that can be restored for every tenant that is not erased, in spite of the damage
 * @param uncertain where rows of a table may not be right though nothing is damaged: the stream did not tell
 * @param erased tenants that were erased on purpose, of which nothing before that can be restored
 * @param folded what was folded, if anything was: each partition as of the newest position
 * @param manifests manifests read
 * @param objects images' and table images' parts, segments and catalogue objects read
 * @param records rows and changes read
 * @param sizeBytes bytes read
 */
public record CheckReport(
        CheckLevel level,
        Coverage coverage,
        List<Finding> findings,
        List<Loss> losses,
        List<ArchiveState.Range> restorable,
        List<UncertainInterval> uncertain,
        long erased,
        List<Folded> folded,
        long manifests,
        long objects,
        long records,
        long sizeBytes) {
    public CheckReport {
        findings = List.copyOf(findings);
        losses = List.copyOf(losses);
        restorable = List.copyOf(restorable);
        uncertain = List.copyOf(uncertain);
        folded = List.copyOf(folded);
    }

    /** Whether nothing that a recovery needs is damaged, as far as was looked. */
    public boolean isSound() {
        return findings.stream().noneMatch(finding -> finding.severity() == Severity.DAMAGE);
    }

    /** The same, with something that the archive cannot tell by itself. */
    public CheckReport with(Finding known) {
        List<Finding> all = Stream.concat(Stream.of(known), findings.stream()).toList();
        return new CheckReport(
                level,
                coverage,
                all,
                losses,
                restorable,
                uncertain,
                erased,
                folded,
                manifests,
                objects,
                records,
                sizeBytes);
    }

    /**
     * How much was checked of what there is, at the level that was asked for. At {@link CheckLevel#STRUCTURE} an object is
     * checked when it was looked for.
     *
     * @param scope {@code everything}, {@code since …} or {@code sample}
     * @param share of the bytes of all objects, from 0 to 1; 1 when there are none
     * @param partitions folded, of those {@code ofPartitions} that there are; both 0 unless folds were asked for
     * @param seed of a sample
     * @param next where the next sample begins; empty unless this was one
     * @param passDone whether a pass of samples over the whole archive ended with this check
     */
    public record Coverage(
            String scope,
            double share,
            long objects,
            long ofObjects,
            long partitions,
            long ofPartitions,
            OptionalLong seed,
            Optional<CheckPass> next,
            boolean passDone) {}

    /**
     * A partition as it was folded.
     *
     * @param position of which its rows are
     * @param sha256 of its rows, in the order of a fold: the same for the same rows, in a copy of the archive too
     */
    public record Folded(String tenant, Lsn position, long rows, String sha256) {}

    /** How bad a finding is. */
    public enum Severity {
        /** Something a recovery needs is lost. */
        DAMAGE,
        /** Nothing is lost; it can be derived again (a checkpoint). */
        REPAIRABLE,
        /** Worth knowing: leftovers of a killed writer. */
        HARMLESS
    }

    /**
     * One thing found.
     *
     * @param invariant the broken invariant's name in the format specification, such as INV-3
     * @param object the object's key
     * @param what in words
     * @param tenants who is concerned; empty when it is everyone
     * @param moments positions that are read from it where nothing else serves: what is lost in the end is in
     *     {@link CheckReport#losses}
     */
    public record Finding(
            Severity severity, String invariant, String object, String what, List<String> tenants, Moments moments) {
        public Finding {
            tenants = List.copyOf(tenants);
        }
    }

    /**
     * What some lost, and what they keep.
     *
     * @param tenants who; empty when it is everyone
     * @param lost positions that cannot be restored for them
     * @param remaining positions that can
     */
    public record Loss(List<String> tenants, List<Interval> lost, List<Interval> remaining) {
        public Loss {
            tenants = List.copyOf(tenants);
            lost = List.copyOf(lost);
            remaining = List.copyOf(remaining);
        }
    }

    /**
     * Positions from {@code from} to before {@code to}.
     *
     * @param fromTime of the last commit before them, or when the image was taken that they begin with
     * @param toTime when they end, empty when that is not known
     * @param objects the damaged ones because of which they are lost
     */
    public record Interval(Lsn from, Lsn to, Instant fromTime, Optional<Instant> toTime, List<String> objects) {
        public Interval {
            objects = List.copyOf(objects);
        }
    }

    /**
     * Positions from {@code from} to before {@code to}.
     *
     * @param to equal to {@code from} when no moment is concerned
     */
    public record Moments(Lsn from, Lsn to) {
        public static final Moments NONE = new Moments(Lsn.ZERO, Lsn.ZERO);

        public boolean isEmpty() {
            return !to.isAfter(from);
        }
    }
}
