package dev.reinstate.archive;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.UncertainInterval;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a check found.
 *
 * @param findings damage first
 * @param restorable the stretches that can be restored for every tenant in spite of the damage
 * @param uncertain where rows of a table may not be right though nothing is damaged: the stream did not tell
 * @param manifests manifests read
 * @param objects images' and table images' parts, segments and catalogue objects read
 * @param records rows and changes read
 * @param sizeBytes bytes read
 */
public record CheckReport(
        List<Finding> findings,
        List<ArchiveState.Range> restorable,
        List<UncertainInterval> uncertain,
        long manifests,
        long objects,
        long records,
        long sizeBytes) {
    public CheckReport {
        findings = List.copyOf(findings);
        restorable = List.copyOf(restorable);
        uncertain = List.copyOf(uncertain);
    }

    /** Whether nothing that a recovery needs is damaged. */
    public boolean isSound() {
        return findings.stream().noneMatch(finding -> finding.severity() == Severity.DAMAGE);
    }

    /** The same, with something that the archive cannot tell by itself. */
    public CheckReport with(Finding known) {
        List<Finding> all = Stream.concat(Stream.of(known), findings.stream()).toList();
        return new CheckReport(all, restorable, uncertain, manifests, objects, records, sizeBytes);
    }

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
     * @param moments positions that cannot be restored for them because of it
     */
    public record Finding(
            Severity severity, String invariant, String object, String what, List<String> tenants, Moments moments) {
        public Finding {
            tenants = List.copyOf(tenants);
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
