package dev.reinstate.postgres.discovery;

import dev.reinstate.model.TableName;
import dev.reinstate.model.TableRule;
import java.util.ArrayList;
import java.util.List;

/**
 * What is proposed for one table.
 *
 * @param tableClass what a report calls it: the rule's class, or that it is a part of another table
 * @param reason why, for a person, in one sentence
 * @param warnings what to look at: nullable paths, no key
 * @param alternatives other ways the rows could find a tenant
 * @param evidence what was seen, in the catalogue and in samples of the data, a sentence each
 */
public record Proposal(
        TableName table,
        TableClass tableClass,
        TableRule rule,
        String reason,
        List<String> warnings,
        List<Alternative> alternatives,
        List<String> evidence) {
    /**
     * A way not taken.
     *
     * @param rule what it would be as the table's rule
     * @param reason why it could be
     * @param doubtful whether it says of no row for sure whose it is
     */
    public record Alternative(TableRule rule, String reason, boolean doubtful) {
        @Override
        public String toString() {
            return reason;
        }
    }

    public Proposal {
        warnings = List.copyOf(warnings);
        alternatives = List.copyOf(alternatives);
        evidence = List.copyOf(evidence);
    }

    static Proposal of(TableName table, TableRule rule, String reason) {
        return new Proposal(table, TableClass.of(rule), rule, reason, List.of(), List.of(), List.of());
    }

    /** The same table under a rule that a person gave. */
    public Proposal decided(TableRule decision, String because) {
        return new Proposal(
                table,
                tableClass == TableClass.PARTITION ? tableClass : TableClass.of(decision),
                decision,
                because,
                warnings,
                alternatives,
                evidence);
    }

    /** Whether a person must decide. */
    public boolean isAsked() {
        return rule instanceof TableRule.Unmapped;
    }

    Proposal with(List<String> moreWarnings, List<String> moreEvidence) {
        return new Proposal(
                table,
                tableClass,
                rule,
                reason,
                joined(warnings, moreWarnings),
                alternatives,
                joined(evidence, moreEvidence));
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        second.stream().filter(line -> !all.contains(line)).forEach(all::add);
        return all;
    }
}
