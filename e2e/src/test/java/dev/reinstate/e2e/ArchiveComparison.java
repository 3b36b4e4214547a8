package dev.reinstate.e2e;

import dev.reinstate.archive.Archive;
import dev.reinstate.archive.ArchiveReader;
import dev.reinstate.archive.ArchiveSettings;
import dev.reinstate.archive.FoldedRow;
import dev.reinstate.archive.KeyFile;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.Partition;
import dev.reinstate.model.TenantId;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/** Compares folds of an archive with what the oracle saw, byte for byte. */
final class ArchiveComparison {
    private static final int MOST_DIFFERENCES = 30;

    private final ArchiveReader reader;

    ArchiveComparison(ObjectStore archive, Path keyFile, Path temporaryDirectory) {
        ArchiveSettings settings =
                ArchiveSettings.defaults(temporaryDirectory).withMasterKey(() -> KeyFile.read(keyFile));
        this.reader = Archive.openReader(archive, settings);
    }

    ArchiveReader reader() {
        return reader;
    }

    boolean isDurableAt(Lsn position) {
        reader.refresh();
        return !reader.state().allImages().isEmpty()
                && reader.state().durableTo().isAfter(position);
    }

    /** False before the first image. */
    boolean isRestorable(Lsn position) {
        return reader.ranges().stream()
                .anyMatch(range -> !position.isBefore(range.from()) && position.isBefore(range.to()));
    }

    /** Every row that is in one and not in the other, at most some of them, with their owners. */
    List<String> differences(Oracle.Snapshot oracle) {
        Comparison comparison = new Comparison(oracle, imagePosition(oracle.position()));
        TreeSet<String> tenants = oracle.tenants();
        reader.tenants().forEach(known -> tenants.add(known.tenant().value()));
        tenants.forEach(tenant -> comparison.partition(Partition.of(new TenantId(tenant)), tenant));
        comparison.partition(Partition.UNATTRIBUTED, "unattributed");
        comparison.partition(Partition.SHARED, "");
        comparison.looseOnesMissing();
        return comparison.differences;
    }

    private Lsn imagePosition(Lsn position) {
        return reader.state().allImages().stream()
                .map(image -> image.position())
                .filter(image -> !image.isAfter(position))
                .max(Lsn::compareTo)
                .orElse(Lsn.ZERO);
    }

    static void await(String what, Duration patience, BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience + ": " + what);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private final class Comparison {
        private final Oracle.Snapshot oracle;
        private final Lsn image;
        private final List<String> differences = new ArrayList<>();
        private final SortedMap<String, String> looseFound = new TreeMap<>();

        Comparison(Oracle.Snapshot oracle, Lsn image) {
            this.oracle = oracle;
            this.image = image;
        }

        void partition(Partition partition, String owner) {
            SortedMap<String, List<String>> folded = fold(partition, owner);
            SortedMap<String, List<String>> expected =
                    partition.equals(Partition.UNATTRIBUTED) ? new TreeMap<>() : oracle.of(owner);
            TreeSet<String> tables = new TreeSet<>(folded.keySet());
            tables.addAll(expected.keySet());
            for (String table : tables) {
                compare(
                        owner + " " + table,
                        expected.getOrDefault(table, List.of()),
                        folded.getOrDefault(table, List.of()));
            }
        }

        private SortedMap<String, List<String>> fold(Partition partition, String owner) {
            SortedMap<String, List<String>> rows = new TreeMap<>();
            try (ArchiveReader.RowStream stream = reader.fold(partition, oracle.position(), table -> true)) {
                while (stream.hasNext()) {
                    FoldedRow row = stream.next();
                    String table = table(row);
                    String text = RowText.of(row);
                    if (table.equals("public.attachment") && isLoose(row)) {
                        loose(text, owner);
                    } else {
                        rows.computeIfAbsent(table, key -> new ArrayList<>()).add(text);
                    }
                }
            }
            rows.values().forEach(list -> list.sort(null));
            return rows;
        }

        private static String table(FoldedRow row) {
            String name = row.table().name().name();
            String quoted = name.equals("User Setting") ? "\"" + name + "\"" : name;
            return row.table().name().schema() + "." + quoted;
        }

        private static boolean isLoose(FoldedRow row) {
            return row.tuple().isNull(row.table().indexOf("page_id"));
        }

        private void loose(String text, String owner) {
            Optional<Oracle.Loose> expected = Optional.ofNullable(oracle.loose().get(text));
            if (expected.isEmpty()) {
                differ(owner + " has a loose attachment that is not there", text);
            } else if (looseFound.put(text, owner) != null) {
                differ(owner + " has a loose attachment that another has too", text);
            } else {
                boolean wasSeen = expected.get()
                        .since()
                        .filter(since -> since.isAfter(image))
                        .isPresent();
                boolean mayBeNobodys = owner.equals("unattributed") && !wasSeen;
                if (!mayBeNobodys && !expected.get().owner().equals(Optional.of(owner))) {
                    differ(
                            owner + " has a loose attachment of "
                                    + expected.get().owner(),
                            text);
                }
            }
        }

        void looseOnesMissing() {
            oracle.loose().keySet().stream()
                    .filter(text -> !looseFound.containsKey(text))
                    .forEach(text -> differ("nobody has a loose attachment", text));
        }

        private void compare(String where, List<String> expected, List<String> actual) {
            if (expected.equals(actual)) {
                return;
            }
            List<String> missing = new ArrayList<>(expected);
            actual.forEach(missing::remove);
            List<String> surplus = new ArrayList<>(actual);
            expected.forEach(surplus::remove);
            missing.forEach(row -> differ(where + " lost", row));
            surplus.forEach(row -> differ(where + " has too much", row));
        }

        private void differ(String what, String row) {
            if (differences.size() < MOST_DIFFERENCES) {
                differences.add(what + ": " + (row.length() > 500 ? row.substring(0, 500) + "…" : row));
            }
        }
    }
}
