package dev.reinstate.archive;

import dev.reinstate.archive.format.CommitTable;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.HistoryBuilder;
import dev.reinstate.model.ReinstateException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Compares a merged segment with those it stands for, record by record, where they are still there: INV-24. */
final class MergeCheck {
    private final ArchiveObjects objects;
    private final ObjectReader reader;
    private final ArchiveKeys keys;
    private final Findings findings;

    MergeCheck(ArchiveObjects objects, ObjectReader reader, ArchiveKeys keys, Findings findings) {
        this.objects = objects;
        this.reader = reader;
        this.keys = keys;
        this.findings = findings;
    }

    void check(History history, Set<Entry.Segment> needed, HistoryBuilder.Merge merge) {
        String key = merge.into().object().key();
        try {
            merge.run()
                    .forEach(part -> objects.damageOf(part.object()).ifPresent(damage -> {
                        throw damage; // it could not stand in for it
                    }));
            requireSame(merge);
        } catch (ReinstateException e) {
            ChainCheck.requireDamage(e);
            if (needed.contains(merge.into()) && Findings.invariantOf(e).equals("INV-24")) {
                findings.damage(key, e, List.of(), Findings.momentsOf(history, merge.into()));
            } else if (merge.run().stream()
                    .anyMatch(part -> e.what().contains(part.object().key()))) {
                findings.note(
                        CheckReport.Severity.HARMLESS,
                        Findings.invariantOf(e),
                        key,
                        "a segment that it replaced is damaged, and could not stand in for it: " + e.what() + ": "
                                + e.why());
            }
            // damage of the merged segment itself is found where its own bytes are checked
        }
    }

    private void requireSame(HistoryBuilder.Merge merge) {
        Tokens tokens = Tokens.forReading(keys);
        try (SegmentMerge parts = new SegmentMerge(reader, tokens, merge.run());
                SegmentMerge whole = new SegmentMerge(reader, tokens, List.of(merge.into()))) {
            requireSame(parts.commits(), whole.commits());
            require(Set.copyOf(parts.truncations()).equals(Set.copyOf(whole.truncations())), "truncations");
            require(
                    Set.copyOf(parts.schemas().all())
                            .equals(Set.copyOf(whole.schemas().all())),
                    "schemas");
            boolean more = parts.next();
            while (more) {
                require(whole.next(), "fewer records");
                requireSame(parts, whole);
                more = parts.next();
            }
            require(!whole.next(), "more records");
        }
    }

    private static void requireSame(CommitTable parts, CommitTable whole) {
        require(parts.size() == whole.size(), "commits");
        for (int i = 0; i < parts.size(); i++) {
            require(parts.commit(i).equals(whole.commit(i)), "commits");
        }
    }

    private static void requireSame(SegmentMerge parts, SegmentMerge whole) {
        RawRecord a = parts.record();
        RawRecord b = whole.record();
        boolean same = a.compareRecord(b) == 0
                && a.operation == b.operation
                && parts.schemas().get(a.schema).equals(whole.schemas().get(b.schema))
                && Arrays.equals(
                        a.tupleBytes,
                        a.tupleOffset,
                        a.tupleOffset + a.tupleLength,
                        b.tupleBytes,
                        b.tupleOffset,
                        b.tupleOffset + b.tupleLength);
        require(same, "records");
    }

    private static void require(boolean same, String what) {
        if (!same) {
            throw Damage.of("INV-24", "A merged segment", "it has other " + what + " than those it stands for");
        }
    }
}
