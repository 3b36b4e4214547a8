package dev.reinstate.capture.protection;

import dev.reinstate.archive.ArchiveHead;
import dev.reinstate.archive.ArchiveLoss;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.postgres.replication.SourceNames;
import dev.reinstate.postgres.replication.SourceNote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The archive's heads that capture wrote down outside of it. What is in the source says which archive it is captured into;
 * the local file only how far an archive had come.
 */
public record KnownHeads(Optional<ArchiveHead> inSource, Optional<ArchiveHead> inFile) {
    public static KnownHeads read(Connection source, SourceNames names, Path file) {
        return new KnownHeads(SourceNote.read(source, names).flatMap(ArchiveHead::find), inFile(file));
    }

    /** Without asking the source. */
    public static KnownHeads local(Path file) {
        return new KnownHeads(Optional.empty(), inFile(file));
    }

    private static Optional<ArchiveHead> inFile(Path file) {
        try {
            return ArchiveHead.find(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty(); // it may be deleted at any time
        }
    }

    /** What the archive lacks, by the newest head that it does not hold; empty when it holds all of them. */
    public Optional<ArchiveLoss> lossOf(ArchiveReader archive) {
        if (looksLost(archive).isEmpty()) {
            return Optional.empty();
        }
        archive.refresh(); // it may have gone on between the look at it and the question how far it had come
        return looksLost(archive);
    }

    private Optional<ArchiveLoss> looksLost(ArchiveReader archive) {
        String id = archive.head().archive();
        Optional<ArchiveHead> ours = inFile.filter(head -> head.archive().equals(id));
        return Stream.concat(inSource.stream(), ours.stream())
                .sorted(Comparator.comparingLong(ArchiveHead::number).reversed())
                .flatMap(head -> archive.lossSince(head).stream())
                .findFirst();
    }

    /** Why capture does not go on by itself. */
    static ReinstateException refusal(ArchiveLoss loss) {
        String next =
                "bring the right archive back: is its folder mounted, is `archive` in reinstate.yaml right, is there"
                        + " a copy, does the store keep older versions? The source does not send again what was confirmed to it. If"
                        + " it is gone for good, `reinstate protect --accept-loss` records a gap and takes a new image; where"
                        + " `reinstate check` finds a manifest damaged, put that back from a copy, or name another place in"
                        + " reinstate.yaml first: nobody can write on behind it";
        return loss.kind() == ArchiveLoss.Kind.REPLACED
                ? ReinstateException.refused("The source was captured into another archive", loss.text(), next)
                : ReinstateException.damaged("The archive is not what it was", loss.text(), next);
    }

    /** Refuses to begin an archive where the source was captured into one before. */
    public static void requireNone(Connection source, SourceNames names) {
        SourceNote.read(source, names).flatMap(ArchiveHead::find).ifPresent(head -> {
            throw ReinstateException.refused(
                    "The source was captured into an archive that is not here",
                    "there is none in this place, and " + head.text() + " was its last known state",
                    "is its folder mounted, is `archive` in reinstate.yaml right? To begin a new one all the same,"
                            + " `reinstate protect --accept-loss`, or `reinstate unprotect` before it");
        });
    }
}
