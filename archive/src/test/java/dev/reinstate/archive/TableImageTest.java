package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.model.TableName;
import dev.reinstate.model.Tuple;
import dev.reinstate.model.UncertainInterval;
import dev.reinstate.objectstore.MemoryObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories in which tables are rewritten without a word in the stream, and put right by images of just those
 * tables: wherever rows are not uncertain, they fold to the truth.
 */
final class TableImageTest {
    @TempDir
    Path directory = Path.of("");

    /** What the test knows: positions at which the archive cannot know a table's rows. */
    private record Silence(long oid, Lsn from, Lsn to) {
        boolean covers(long table, Lsn position) {
            return table == oid && !position.isBefore(from) && new Lsn(position.value() + 1).isBefore(to);
        }
    }

    private final List<Silence> silences = new ArrayList<>();
    private final Map<Long, Lsn> rewritten = new HashMap<>();
    private Lsn lastRewrite = Lsn.ZERO;
    private final List<RandomHistory.Transaction> all = new ArrayList<>();
    private final List<UncertainInterval> expected = new ArrayList<>();

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whereRowsAreCertainTheyFoldToTheTruth(long seed) {
        boolean spills = seed % 2 == 1;
        RandomHistory history = new RandomHistory(seed, 5, spills ? 3000 : 40);
        ArchiveSettings settings = ArchiveFixture.settings(directory, spills ? 64 << 10 : 8 << 20, seed, seed % 3 == 0);
        MemoryObjectStore objects = new MemoryObjectStore();
        ArchiveFixture.create(objects, settings);
        history.fill(60);
        try (ArchiveWriter writer = Archive.openWriter(objects, settings)) {
            ArchiveFixture.publishImage(writer, history);
            for (int segment = 0; segment < 16; segment++) {
                all.addAll(ArchiveFixture.publishSegment(writer, history, 1 + history.random.nextInt(7)));
                step(writer, history, seed, segment);
            }
            publishTableImage(writer, history, rewritten.keySet()::contains, history.lsn(), history.rows);
            all.addAll(ArchiveFixture.publishSegment(writer, history, 3));
            assertThat(writer.state().uncertain()).isEqualTo(expected);
            ArchiveReader reader = Archive.openReader(objects, settings);
            assertThat(reader.state()).isEqualTo(writer.state());
            verify(reader, history);
        }
        CheckReport report = Archive.check(objects, settings, true, CheckListener.SILENT);
        assertThat(report.findings())
                .allMatch(finding -> finding.severity() == CheckReport.Severity.HARMLESS
                        && finding.what().contains("uncertain"));
    }

    private void step(ArchiveWriter writer, RandomHistory history, long seed, int segment) {
        Random random = history.random;
        List<Long> oids = List.copyOf(history.tableNames().keySet());
        if (random.nextInt(3) == 0) {
            long oid = oids.get(random.nextInt(oids.size()));
            lastRewrite = history.rewrite(oid);
            rewritten.putIfAbsent(oid, lastRewrite);
            writer.publishPosition(history.lsn(), RandomHistory.START);
        } else if (random.nextInt(2) == 0) {
            long oid = oids.get(random.nextInt(oids.size()));
            LongPredicate tables =
                    candidate -> candidate == oid || (rewritten.containsKey(candidate) && segment % 2 == 0);
            RandomHistory.Transaction moment = all.get(all.size() - 1 - random.nextInt(Math.min(all.size(), 9)));
            Lsn position = moment.commit().endLsn();
            List<ArchiveState.Image> images = writer.state().images();
            if (position.isBefore((seed % 4 == 0 ? images.getLast() : images.getFirst()).position())
                    || !position.isAfter(lastRewrite)) {
                publishTableImage(writer, history, tables, history.lsn(), history.rows);
            } else {
                publishTableImage(writer, history, tables, position, moment.after());
            }
        } else if (segment == 9 && seed % 4 < 2) {
            publishTableImage(writer, history, rewritten.keySet()::contains, history.lsn(), history.rows);
            if (seed % 4 == 0) {
                writer.publishGap(RandomHistory.START, "the slot was dropped");
            }
            ArchiveFixture.publishImage(writer, history);
        }
    }

    private void publishTableImage(
            ArchiveWriter writer,
            RandomHistory history,
            LongPredicate tables,
            Lsn position,
            Map<Partition, SortedMap<RandomHistory.RowId, Tuple>> truth) {
        List<ReimagedTable> reimaged = new ArrayList<>();
        for (Map.Entry<Long, TableName> table : history.tableNames().entrySet()) {
            if (tables.test(table.getKey())) {
                Lsn from = rewritten.getOrDefault(table.getKey(), position);
                int oid = table.getKey().intValue();
                reimaged.add(new ReimagedTable(oid, table.getValue(), from, "rewritten"));
                if (from.isBefore(position)) {
                    silences.add(new Silence(table.getKey(), from, position));
                    expected.add(new UncertainInterval(oid, table.getValue(), from, position, "rewritten"));
                }
            }
        }
        if (reimaged.isEmpty()) {
            return;
        }
        try (ImageWriter image = writer.beginTableImage(reimaged)) {
            history.addImageTo(image, truth, tables);
            image.publish(position, RandomHistory.START);
        }
        rewritten.keySet().removeIf(tables::test);
    }

    private void verify(ArchiveReader reader, RandomHistory history) {
        for (RandomHistory.Transaction transaction : all) {
            Lsn position = transaction.commit().commitLsn();
            verify(reader, history, position, transaction);
            verify(reader, history, transaction.commit().endLsn().previous(), transaction);
        }
        Map<Partition, SortedMap<RandomHistory.RowId, Tuple>> last =
                all.getLast().after();
        for (ArchiveReader.TenantSummary summary : reader.tenants()) {
            assertThat(summary.rows())
                    .as("rows of %s", summary.tenant())
                    .isEqualTo(Objects.requireNonNull(last.get(Partition.of(summary.tenant())))
                            .size());
        }
    }

    private void verify(
            ArchiveReader reader, RandomHistory history, Lsn position, RandomHistory.Transaction transaction) {
        LongPredicate isCertain = oid -> silences.stream().noneMatch(silence -> silence.covers(oid, position));
        List<TableName> certain = history.tableNames().entrySet().stream()
                .filter(table -> isCertain.test(table.getKey()))
                .map(Map.Entry::getValue)
                .toList();
        transaction.after().forEach((partition, rows) -> {
            SortedMap<RandomHistory.RowId, Tuple> truth = new TreeMap<>(rows);
            truth.keySet().removeIf(id -> !isCertain.test(id.oid()));
            assertThat(ArchiveFixture.fold(reader, partition, position, table -> certain.contains(table.name())))
                    .as("fold of %s at %s", partition, position)
                    .isEqualTo(truth);
            try {
                ArchiveFixture.fold(reader, partition, position);
            } catch (ReinstateException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.NOT_RESTORABLE);
                assertThat(e.why()).contains("uncertain").contains("rewritten");
                assertThat(certain).hasSizeLessThan(3);
            }
        });
    }
}
