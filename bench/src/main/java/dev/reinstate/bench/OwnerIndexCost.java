package dev.reinstate.bench;

import dev.reinstate.bench.result.Outcome;
import dev.reinstate.bench.result.Row;
import dev.reinstate.bench.result.Series;
import dev.reinstate.capture.owner.OwnerIndex;
import dev.reinstate.capture.owner.OwnerKey;
import dev.reinstate.capture.owner.OwnerLayer;
import dev.reinstate.capture.owner.OwnerRecord;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.RowKey;
import dev.reinstate.model.Tuple;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** What the owner index takes on disk and what putting and getting a record cost. Has no peer and no target. */
final class OwnerIndexCost implements Bench {
    private static final int FULL_RECORDS = 4_000_000;
    private static final int GETS = 500_000;
    private static final int RECORDS_PER_COMMIT = 20_000;
    private static final int TABLE = 16_384;
    private static final int TENANTS = 2_000;

    /** What one round measured. */
    private record Round(double bytesPerMillion, double putMicros, double getMicros, double absentMicros) {}

    @Override
    public String name() {
        return "owner-index";
    }

    @Override
    public Outcome run(Site site) throws Exception {
        int records = site.scaled(FULL_RECORDS);
        List<Round> rounds = new ArrayList<>();
        for (int round = 0; round < site.rounds(); round++) {
            Path folder = Files.createDirectory(site.folder().resolve(name() + "-" + round));
            rounds.add(measure(folder, records));
        }
        List<Row> rows = List.of(
                Row.of(
                        "size of a million records",
                        series(rounds.stream()
                                .map(round -> round.bytesPerMillion() / 1e6)
                                .toList()),
                        "MB"),
                Row.of(
                        "put, committed with others",
                        series(rounds.stream().map(Round::putMicros).toList()),
                        "µs"),
                Row.of(
                        "get, at random",
                        series(rounds.stream().map(Round::getMicros).toList()),
                        "µs"),
                Row.of(
                        "get of what is not there",
                        series(rounds.stream().map(Round::absentMicros).toList()),
                        "µs"));
        String setting = String.format(
                Locale.ROOT,
                "%,d records of %,d tenants, committed %,d at a time, %d rounds",
                records,
                TENANTS,
                RECORDS_PER_COMMIT,
                site.rounds());
        return new Outcome(name(), setting, rows, List.of());
    }

    private static Series series(List<Double> values) {
        return new Series(values);
    }

    private static Round measure(Path folder, int records) {
        try (OwnerIndex index = OwnerIndex.open(folder)) {
            long start = System.nanoTime();
            fill(index, records);
            double putMicros = (System.nanoTime() - start) / 1e3 / records;
            double getMicros = get(index, records, 0);
            double absentMicros = get(index, records, records);
            return new Round(index.sizeBytes() * 1e6 / records, putMicros, getMicros, absentMicros);
        }
    }

    private static void fill(OwnerIndex index, int records) {
        for (int from = 0; from < records; from += RECORDS_PER_COMMIT) {
            OwnerLayer layer = new OwnerLayer(index);
            for (int id = from; id < Math.min(records, from + RECORDS_PER_COMMIT); id++) {
                layer.put(key(id), OwnerRecord.ofBytes(("Tsite-" + id % TENANTS).getBytes(StandardCharsets.UTF_8)));
            }
            index.commit(List.of(layer), new OwnerIndex.Reflected(new Lsn(from + 1L), "bench"));
        }
    }

    private static double get(OwnerIndex index, int records, int offset) {
        SplittableRandom random = new SplittableRandom(7);
        int found = 0;
        long start = System.nanoTime();
        for (int i = 0; i < GETS; i++) {
            if (index.get(key(offset + random.nextInt(records))) != null) {
                found++;
            }
        }
        double micros = (System.nanoTime() - start) / 1e3 / GETS;
        if (found != (offset == 0 ? GETS : 0)) {
            throw new IllegalStateException("the index knows " + found + " of " + GETS + " rows");
        }
        return micros;
    }

    private static OwnerKey key(int id) {
        Tuple key = new Tuple.Builder(16)
                .addText(Integer.toString(id).getBytes(StandardCharsets.US_ASCII))
                .build();
        return OwnerKey.of(TABLE, RowKey.ofEncoded(key.encoded()));
    }
}
