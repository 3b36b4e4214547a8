package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Collects what a check finds and works out which moments it costs. Not thread-safe. */
final class Findings {
    private static final Pattern INVARIANT = Pattern.compile("INV-\\d+");

    private final List<CheckReport.Finding> found = new ArrayList<>();
    private final LostPieces pieces = new LostPieces();

    /** What cannot be read because of what was found. */
    LostPieces pieces() {
        return pieces;
    }

    void add(CheckReport.Finding finding) {
        found.add(finding);
    }

    /** Something that costs no moment. */
    void note(CheckReport.Severity severity, String invariant, String object, String what) {
        found.add(new CheckReport.Finding(severity, invariant, object, what, List.of(), CheckReport.Moments.NONE));
    }

    void damage(String object, ReinstateException e, List<String> tenants, CheckReport.Moments moments) {
        found.add(new CheckReport.Finding(
                CheckReport.Severity.DAMAGE, invariantOf(e), object, e.what() + ": " + e.why(), tenants, moments));
    }

    static String invariantOf(ReinstateException e) {
        Matcher matcher = INVARIANT.matcher(e.why());
        return matcher.find() ? matcher.group() : "INV-9";
    }

    static List<String> name(Partition partition) {
        return switch (partition) {
            case Partition.OfTenant tenant -> List.of(tenant.tenant().value());
            case Partition.Shared shared -> List.of("(shared rows)");
            case Partition.Unattributed unattributed -> List.of("(unattributed rows)");
            case Partition.StoreEvents events -> List.of();
        };
    }

    /** For people. */
    static String label(Partition partition) {
        return String.join("", name(partition));
    }

    List<CheckReport.Finding> sorted() {
        return found.stream()
                .sorted(Comparator.comparing(CheckReport.Finding::severity))
                .toList();
    }

    boolean isSound() {
        return found.stream().noneMatch(finding -> finding.severity() == CheckReport.Severity.DAMAGE);
    }

    int size() {
        return found.size();
    }

    /** Positions whose fold needs that image: up to where the next one takes over. */
    static CheckReport.Moments momentsOf(History history, Entry.Image image) {
        return new CheckReport.Moments(image.position().previous(), endOfUse(history, image.position()));
    }

    /** Positions whose fold needs that table image: until an image takes over, or others of all of its tables. */
    static CheckReport.Moments momentsOf(History history, Entry.TableImage image) {
        Lsn end = endOfUse(history, image.position());
        Lsn replaced = image.tables().stream()
                .map(table -> nextImageOf(history, table.oid(), image.position()))
                .reduce(Lsn.ZERO, Lsn::max);
        return new CheckReport.Moments(image.position().previous(), replaced.isBefore(end) ? replaced : end);
    }

    private static Lsn nextImageOf(History history, int oid, Lsn after) {
        return history.tableImages().stream()
                .filter(next -> next.position().isAfter(after) && next.isOf(oid))
                .map(next -> next.position().previous())
                .min(Comparator.naturalOrder())
                .orElse(new Lsn(-1));
    }

    /** Positions whose fold needs that segment. */
    static CheckReport.Moments momentsOf(History history, Entry.Segment segment) {
        Lsn first = segment.commits().first();
        return new CheckReport.Moments(
                first, endOfUse(history, segment.commits().last()));
    }

    /** The first position at which what lies at or before {@code lsn} is in an image, or the end of the range. */
    private static Lsn endOfUse(History history, Lsn lsn) {
        Lsn end = history.ranges().stream()
                .filter(range -> !lsn.isBefore(range.from()) && !lsn.isAfter(range.to()))
                .map(History.Stretch::to)
                .findFirst()
                .orElse(history.durable().to());
        for (Entry.Image image : history.images()) {
            if (image.position().isAfter(lsn) && image.position().previous().isBefore(end)) {
                return image.position().previous();
            }
        }
        return end;
    }
}
