package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps what is written anew of older objects from outliving an erasure: it is named only if no erasure was executed
 * since it was begun. Not thread-safe.
 */
final class ErasureWatch {
    private final ManifestLog log;
    private long executed;

    ErasureWatch(ManifestLog log) {
        this.log = log;
    }

    /**
     * Runs an attempt on the newest state; again if it ended without a result, or failed on a key that is gone, because an
     * erasure was executed meanwhile.
     */
    <T> Optional<T> run(Supplier<Optional<T>> attempt) {
        while (true) {
            log.settle();
            log.chain().follow();
            executed = log.chain().history().executedErasures();
            try {
                Optional<T> made = attempt.get();
                if (made.isPresent() || isUnchanged(log.chain().history())) {
                    return made;
                }
            } catch (ReinstateException e) {
                if (e.kind() != FailureKind.DAMAGED) {
                    throw e;
                }
                log.chain().follow();
                if (isUnchanged(log.chain().history())) {
                    throw e;
                }
            }
        }
    }

    /** Whether, in the newest state, no erasure was executed since the attempt began, and all of those segments are named. */
    boolean isCurrent(SegmentCatalog catalog, List<Entry.Segment> segments) {
        log.chain().follow();
        History history = log.chain().history();
        return isUnchanged(history) && catalog.all(history).containsAll(segments);
    }

    /** Whether no erasure was executed since the attempt began. */
    boolean isUnchanged(History history) {
        return history.executedErasures() == executed;
    }
}
