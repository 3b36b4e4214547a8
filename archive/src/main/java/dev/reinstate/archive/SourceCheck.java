package dev.reinstate.archive;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * What is left of damaged segments in those that they were merged from, as a reader finds it. These are looked at then, and only
 * then. Not thread-safe.
 */
final class SourceCheck {
    private final MergeSources sources;
    private final BiConsumer<Entry.Segment, Findings> check;
    private final Findings findings = new Findings();
    private final Set<String> checked = new HashSet<>();

    /** @param check checks a segment; what it finds costs nobody anything by itself */
    SourceCheck(MergeSources sources, BiConsumer<Entry.Segment, Findings> check) {
        this.sources = sources;
        this.check = check;
    }

    /** Of a damaged segment and of what stands in for it: what a reader misses of the partition. */
    Stream<Entry.Segment> lost(Entry.Segment damaged, Token token) {
        List<Entry.Segment> found = sources.of(damaged);
        return found.isEmpty()
                ? Stream.of(damaged)
                : found.stream().filter(source -> isLost(source, token)).flatMap(source -> lost(source, token));
    }

    private boolean isLost(Entry.Segment source, Token token) {
        look(source);
        return findings.pieces().isLost(source.object().key(), token);
    }

    private void look(Entry.Segment source) {
        if (checked.add(source.object().key())) {
            check.accept(source, findings);
        }
    }

    /** Says of segments that are damaged what is left of those that they were merged from. */
    void tell(List<Entry.Segment> segments, Findings of) {
        segments.stream()
                .filter(segment -> of.pieces().isTouched(segment.object().key()))
                .forEach(segment -> tell(segment, of));
    }

    private void tell(Entry.Segment segment, Findings of) {
        List<Entry.Segment> found = sources.of(segment);
        if (found.isEmpty()) {
            return;
        }
        found.forEach(this::look);
        List<String> damaged = found.stream()
                .map(source -> source.object().key())
                .filter(findings.pieces()::isTouched)
                .toList();
        of.note(
                CheckReport.Severity.HARMLESS,
                "INV-24",
                segment.object().key(),
                "the " + found.size()
                        + " segments that it was merged from are still there, and kept until it is whole; readers "
                        + "use them in its place: put it back from a copy"
                        + (damaged.isEmpty() ? "" : "; damaged as well: " + String.join(", ", damaged)));
    }
}
