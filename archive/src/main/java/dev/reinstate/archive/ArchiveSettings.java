package dev.reinstate.archive;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What an archive's readers and writers take from outside.
 *
 * @param temporaryDirectory where sorted runs go that do not fit the memory; made if needed; nothing stays in it
 * @param memoryBudgetBytes memory each segment, image, fold or sorter may use before it spills to disk, at least 64 KB;
 *     one row larger than that is still held whole
 * @param zstdLevel 1 to 19; 3 is the measured best (9 saves 1–4 % for twice the time)
 * @param clock for the times manifests are written at
 * @param random for object ids and the archive's keys: unpredictable outside of tests
 * @param masterKey asked when an encrypted archive is opened, or a new one is made, which then is encrypted; empty: new
 *     archives are not encrypted, and encrypted ones cannot be opened
 * @param damage told what readers work around
 */
public record ArchiveSettings(
        Path temporaryDirectory,
        long memoryBudgetBytes,
        int zstdLevel,
        Clock clock,
        RandomGenerator random,
        Optional<Supplier<MasterKey>> masterKey,
        DamageListener damage) {
    private static final long DEFAULT_MEMORY_BYTES = 64L << 20;
    private static final long LEAST_MEMORY_BYTES = 64L << 10;

    public ArchiveSettings {
        if (memoryBudgetBytes < LEAST_MEMORY_BYTES) {
            throw new IllegalArgumentException("a memory budget of " + memoryBudgetBytes + " bytes");
        }
        if (zstdLevel < 1 || zstdLevel > 19) {
            throw new IllegalArgumentException("zstd level " + zstdLevel);
        }
    }

    /** Without a master key, and with nobody who hears of damage. */
    public ArchiveSettings(
            Path temporaryDirectory, long memoryBudgetBytes, int zstdLevel, Clock clock, RandomGenerator random) {
        this(temporaryDirectory, memoryBudgetBytes, zstdLevel, clock, random, Optional.empty(), DamageListener.SILENT);
    }

    /** What production uses, but for the master key. */
    public static ArchiveSettings defaults(Path temporaryDirectory) {
        return new ArchiveSettings(temporaryDirectory, DEFAULT_MEMORY_BYTES, 3, Clock.systemUTC(), new SecureRandom());
    }

    public ArchiveSettings withMemoryBudgetBytes(long bytes) {
        return new ArchiveSettings(temporaryDirectory, bytes, zstdLevel, clock, random, masterKey, damage);
    }

    public ArchiveSettings withMasterKey(Supplier<MasterKey> key) {
        return new ArchiveSettings(
                temporaryDirectory, memoryBudgetBytes, zstdLevel, clock, random, Optional.of(key), damage);
    }

    public ArchiveSettings withDamageListener(DamageListener listener) {
        return new ArchiveSettings(
                temporaryDirectory, memoryBudgetBytes, zstdLevel, clock, random, masterKey, listener);
    }
}
