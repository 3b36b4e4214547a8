package dev.reinstate.archive.sort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordSorterTest {
    private static final long SMALL = 64 << 10;
    private static final long LARGE = 64 << 20;

    @TempDir
    Path directory = Path.of("");

    private final long seed = Long.getLong("reinstate.sorter.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private RawRecord randomRecord(long ordinal) {
        RawRecord record = new RawRecord();
        record.tokenHigh = random.nextInt(5);
        record.tokenLow = random.nextInt(3);
        record.oid = 1 + random.nextInt(4);
        record.key(("row " + random.nextInt(2_000)).getBytes(StandardCharsets.UTF_8));
        record.lsn = random.nextInt(10);
        record.ordinal = ordinal;
        int kind = random.nextInt(400);
        byte[] tuple =
                new byte[kind == 0 ? 150 << 10 : kind == 1 ? 64 << 10 : kind == 2 ? 40 << 10 : random.nextInt(300)];
        random.nextBytes(tuple);
        record.tuple(tuple);
        return record;
    }

    private static List<String> sorted(RecordSorter sorter) {
        List<String> found = new ArrayList<>();
        try (RecordStream stream = sorter.sorted()) {
            while (stream.next()) {
                RawRecord record = stream.record();
                found.add(record.tokenHigh + " " + record.tokenLow + " " + record.oid + " " + record.lsn + " "
                        + record.ordinal + " " + HexFormat.of().formatHex(record.copyOfKey()) + " "
                        + HexFormat.of().formatHex(record.ownTuple()));
            }
        }
        return found;
    }

    @Test
    void filesThatAreWrittenBesideGiveTheSameOrderAsMemory() {
        try (RecordSorter inMemory = new RecordSorter(directory, LARGE);
                RecordSorter spilling = new RecordSorter(directory, SMALL);
                RecordSorter beside = RecordSorter.spillingBeside(directory, SMALL)) {
            for (int round = 0; round < 2; round++) {
                List<RawRecord> records = new ArrayList<>();
                for (int i = 0; i < 20_000; i++) {
                    records.add(randomRecord(i));
                }
                Collections.shuffle(records, random);
                for (RawRecord record : records) {
                    inMemory.add(record);
                    spilling.add(record);
                    beside.add(record);
                }
                List<String> expected = sorted(inMemory);
                assertThat(expected).hasSize(20_000);
                assertThat(sorted(spilling)).as("seed %d", seed).isEqualTo(expected);
                assertThat(sorted(beside)).as("seed %d", seed).isEqualTo(expected);
                assertThat(sorted(beside)).as("again, seed %d", seed).isEqualTo(expected);
                for (RecordSorter sorter : List.of(inMemory, spilling, beside)) {
                    sorter.reset();
                    assertThat(sorter.records()).isZero();
                }
            }
        }
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsToldToWhoeverAdds() throws IOException {
        Path file = Files.createFile(directory.resolve("no directory"));
        try (RecordSorter sorter = RecordSorter.spillingBeside(file, SMALL)) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 20_000; i++) {
                            sorter.add(randomRecord(i));
                        }
                        sorter.sorted();
                    })
                    .isInstanceOfSatisfying(
                            ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE));
        }
    }
}
