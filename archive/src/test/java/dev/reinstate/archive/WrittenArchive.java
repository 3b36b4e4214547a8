package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Lsn;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A small archive as capture writes one, with everything that can be in it, and what its writer knows to be durable. */
final class WrittenArchive {
    private static final long SEED = 23;

    private final ArchiveSettings settings;
    private final RandomHistory history = new RandomHistory(SEED, 3, 20);
    private final List<RandomHistory.Transaction> acknowledged = new ArrayList<>();
    private Lsn durableTo = Lsn.ZERO;

    WrittenArchive(Path directory) {
        this.settings = ArchiveFixture.settings(directory, 1 << 20, SEED);
        history.fill(10);
    }

    ArchiveSettings settings() {
        return settings;
    }

    /** From creation to an idle moment; fails where the store does. */
    void write(ObjectStore objects) {
        ArchiveFixture.create(objects, settings);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            durableTo = history.lsn();
            writer.publishTableVersions(history.tableVersions());
            segment(writer);
            Lsn rewritten = history.rewrite(100);
            writer.publishPosition(history.lsn(), RandomHistory.START.plusSeconds(500));
            durableTo = history.lsn();
            try (ImageWriter image = ArchiveFixture.tableImage(writer, history, 100, rewritten)) {
                image.publish(history.lsn(), RandomHistory.START);
            }
            segment(writer);
        }
        Archive.receipts(objects, settings)
                .put("receipt-1", "{\"restored\":true}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** As many more segments, of a writer opened anew. */
    void goOn(ObjectStore objects, int segments) {
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            for (int i = 0; i < segments; i++) {
                segment(writer);
            }
        }
    }

    /** The same through a store that fails: each publish is made again until it is acknowledged, as capture does. */
    void outlast(ObjectStore objects, int segments) {
        List<ArchiveWriter> opened = new ArrayList<>();
        outlast(() -> opened.add(Archive.openWriter(objects, settings)));
        try (ArchiveWriter writer = opened.getFirst()) {
            for (int i = 0; i < segments; i++) {
                List<RandomHistory.Transaction> transactions = List.of(history.next(), history.next());
                try (SegmentWriter segment = writer.beginSegment()) {
                    ArchiveFixture.fill(segment, transactions);
                    outlast(() ->
                            segment.publish(transactions.getLast().commit().endLsn()));
                }
                acknowledge(transactions);
            }
        }
    }

    private static void outlast(Runnable work) {
        int attempts = 0;
        while (fails(work)) {
            assertThat(++attempts).isLessThan(50);
        }
    }

    private void segment(ArchiveWriter writer) {
        acknowledge(ArchiveFixture.publishSegment(writer, history, 2));
    }

    private void acknowledge(List<RandomHistory.Transaction> transactions) {
        acknowledged.addAll(transactions);
        durableTo = transactions.getLast().commit().endLsn();
    }

    /** That nothing acknowledged is missing and nothing is wrong. */
    void assertHolds(ObjectStore objects) {
        assertSound(objects);
        ArchiveReader reader = Archive.openReader(objects, settings);
        assertThat(reader.state().durableTo()).isGreaterThanOrEqualTo(durableTo);
        acknowledged.forEach(transaction ->
                ArchiveFixture.assertFolds(reader, transaction.commit().commitLsn(), transaction.after()));
    }

    boolean isBegun() {
        return !durableTo.equals(Lsn.ZERO);
    }

    /** That it is an archive, as of whatever manifest, with nothing but leftovers beside. */
    void assertSound(ObjectStore objects) {
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.invariant().equals("INV-17"));
    }

    /** Runs it to where the store fails; false if it did not. */
    static boolean fails(Runnable work) {
        try {
            work.run();
            return false;
        } catch (ReinstateException e) {
            assertThat(e.kind()).isEqualTo(dev.reinstate.model.FailureKind.UNAVAILABLE);
            return true;
        }
    }

    /** Every object with its bytes. */
    static SortedMap<String, List<Byte>> everything(ObjectStore objects) {
        SortedMap<String, List<Byte>> found = new TreeMap<>();
        objects.list("", "", 100_000).forEach(summary -> {
            List<Byte> bytes = new ArrayList<>();
            for (byte b : objects.get(summary.key())) {
                bytes.add(b);
            }
            found.put(summary.key(), bytes);
        });
        return found;
    }
}
