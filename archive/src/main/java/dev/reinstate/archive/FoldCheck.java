package dev.reinstate.archive;

import dev.reinstate.archive.format.ByteSink;
import dev.reinstate.archive.format.Checksum;
import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TenantId;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Folds partitions to where an image takes over and to the end of each range, and to where a table image takes over, which
 * touches every change (INV-11); counts and hashes the rows of the newest position. What each fold begins with is held against
 * the content hashes kept with it, and what it yields where a synthetic image takes over, against those of that image (INV-25).
 */
final class FoldCheck {
    private final Snapshot snapshot;
    private final ArchiveSettings settings;
    private final Findings findings;
    private final Losses losses;
    private final Lsn since;
    private final boolean comparesCounts;
    private final List<CheckReport.Folded> folded = new ArrayList<>();
    private @Nullable Map<TenantId, Long> counted;

    /**
     * @param since folds to positions before it are left out
     * @param comparesCounts whether all directories are read, to compare what they count
     */
    FoldCheck(
            Snapshot snapshot,
            ArchiveSettings settings,
            Findings findings,
            Losses losses,
            Lsn since,
            boolean comparesCounts) {
        this.comparesCounts = comparesCounts;
        this.snapshot = snapshot;
        this.settings = settings;
        this.findings = findings;
        this.losses = losses;
        this.since = since;
    }

    List<CheckReport.Folded> folded() {
        return folded;
    }

    void check(Partition partition) {
        Token token = snapshot.token(partition);
        // where its bytes are damaged, that is said already, and more exactly
        Positions lost = losses.of(token);
        BaseCheck bases = new BaseCheck();
        for (Entry.Image image : snapshot.history().images()) {
            CheckReport.Moments moments = Findings.momentsOf(snapshot.history(), image);
            for (Lsn last : lastPositions(snapshot.history(), moments)) {
                if (isFolded(token, last, lost)) {
                    fold(partition, last, new CheckReport.Moments(moments.from(), new Lsn(last.value() + 1)), bases);
                }
            }
            if (image.base().isPresent() && isFolded(token, image.position().previous(), lost)) {
                compare(partition, image, bases);
            }
        }
    }

    private boolean isFolded(Token token, Lsn position, Positions lost) {
        boolean isErased = snapshot.erasureOf(token)
                .filter(erasure -> position.isBefore(erasure.durableTo()))
                .isPresent();
        return !isErased && !lost.contains(position) && !position.isBefore(since);
    }

    /** What the images before it yield at its position, with what it holds. */
    private void compare(Partition partition, Entry.Image image, BaseCheck bases) {
        Lsn position = image.position().previous();
        Snapshot before = snapshot.withoutImagesFrom(image.position());
        Lsn from = snapshot.rangeOf(position).from();
        if (before.history().images().stream()
                .allMatch(older -> older.position().isBefore(from))) {
            return; // retention let go of what it was made from
        }
        try {
            ImageContent content = bases.contentOf(snapshot, image, partition);
            if (!content.isWhole()) {
                return; // of before hashes were kept
            }
            FoldBase base = snapshot.baseOf(image, position);
            ContentComparison comparison = new ContentComparison(content.kept(), oid -> !base.isReimaged(oid));
            try (SteadyFold fold = new SteadyFold(before, settings, partition, position, table -> true)) {
                while (fold.hasNext()) {
                    comparison.add(fold.next());
                }
            }
            comparison
                    .different()
                    .ifPresent(oid -> findings.damage(
                            "image at " + image.position(),
                            Damage.of(
                                    "INV-25",
                                    "Its rows of the table with oid " + Integer.toUnsignedString(oid),
                                    "they are not what the images before it and the changes since yield"),
                            Findings.name(partition),
                            Findings.momentsOf(snapshot.history(), image)));
        } catch (ReinstateException e) {
            // what cannot be read is said where it is folded, and where its objects are read
            if (e.kind() != FailureKind.NOT_RESTORABLE) {
                ChainCheck.requireDamage(e);
            }
        }
    }

    private static SortedSet<Lsn> lastPositions(History history, CheckReport.Moments moments) {
        SortedSet<Lsn> positions = new TreeSet<>();
        positions.add(moments.to().previous());
        history.tableImages()
                .forEach(image -> positions.add(image.position().previous().previous()));
        positions.removeIf(position -> position.isBefore(moments.from()) || !position.isBefore(moments.to()));
        return positions;
    }

    private void fold(Partition partition, Lsn position, CheckReport.Moments moments, BaseCheck bases) {
        boolean isNewest = position.equals(snapshot.history().durable().to().previous());
        MessageDigest digest = Checksum.newSha256();
        long rows = 0;
        try (SteadyFold fold = new SteadyFold(snapshot, settings, partition, position, table -> true, bases)) {
            while (fold.hasNext()) {
                FoldedRow row = fold.next();
                rows++;
                if (isNewest) {
                    digest.update(encoded(row));
                }
            }
        } catch (ReinstateException e) {
            failed(partition, position, moments, e);
            return;
        }
        boolean isGone =
                rows == 0 && snapshot.erasureOf(snapshot.token(partition)).isPresent();
        if (isNewest && !isGone) {
            folded.add(new CheckReport.Folded(
                    Findings.label(partition), position, rows, HexFormat.of().formatHex(digest.digest())));
            requireCounted(partition, position, rows);
        }
    }

    private static byte[] encoded(FoldedRow row) {
        byte[] key = row.key().encoded();
        byte[] tuple = row.tuple().encoded();
        return new ByteSink(12 + key.length + tuple.length)
                .u32(row.table().oid())
                .u32(key.length)
                .raw(key)
                .u32(tuple.length)
                .raw(tuple)
                .toByteArray();
    }

    /** The directories count rows, too; they do not know those too large to be kept, nor what the stream did not show. */
    private void requireCounted(Partition partition, Lsn position, long rows) {
        if (partition instanceof Partition.OfTenant tenant
                && snapshot.uncertainAt(position).isEmpty()
                && comparesCounts
                && beginsOnce()
                && findings.isSound()) {
            long said = counts().getOrDefault(tenant.tenant(), 0L);
            if (said != rows) {
                findings.add(new CheckReport.Finding(
                        CheckReport.Severity.REPAIRABLE,
                        "INV-16",
                        "fold at " + position,
                        "there are " + rows + " rows, and the directories count " + said,
                        Findings.name(partition),
                        CheckReport.Moments.NONE));
            }
        }
    }

    /** The directories are added up from the image that the last range began with: others in it are not counted. */
    private boolean beginsOnce() {
        Lsn from = snapshot.history().ranges().getLast().from();
        return snapshot.history().images().stream()
                        .filter(image ->
                                image.base().isEmpty() && !image.position().isBefore(from))
                        .count()
                == 1;
    }

    private Map<TenantId, Long> counts() {
        if (counted == null) {
            Map<TenantId, Long> read = new HashMap<>();
            new TenantOverview(snapshot, DamageListener.SILENT)
                    .read()
                    .forEach(summary -> read.put(summary.tenant(), summary.rows()));
            counted = read;
        }
        return counted;
    }

    private void failed(Partition partition, Lsn position, CheckReport.Moments moments, ReinstateException e) {
        if (e.kind() == FailureKind.NOT_RESTORABLE) {
            findings.add(new CheckReport.Finding(
                    CheckReport.Severity.HARMLESS,
                    "INV-11",
                    "fold at " + position,
                    e.what() + ": " + e.why(),
                    Findings.name(partition),
                    CheckReport.Moments.NONE));
            return;
        }
        ChainCheck.requireDamage(e);
        findings.damage("fold at " + position, e, Findings.name(partition), moments);
        findings.pieces()
                .lose(new LostPieces.Positions(
                        Optional.of(snapshot.token(partition)), moments.from(), moments.to(), "fold at " + position));
    }
}
