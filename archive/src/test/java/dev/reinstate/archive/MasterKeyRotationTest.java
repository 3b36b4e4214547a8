package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import dev.reinstate.objectstore.FaultyObjectStore;
import dev.reinstate.objectstore.MemoryObjectStore;
import dev.reinstate.objectstore.ObjectStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MasterKeyRotationTest {
    @TempDir
    Path directory = Path.of("");

    private final RandomHistory history = new RandomHistory(5, 3, 30);
    private MemoryObjectStore objects = new MemoryObjectStore();
    private ArchiveSettings first = ArchiveSettings.defaults(directory);
    private ArchiveSettings second = first;

    @BeforeEach
    void write() {
        first = ArchiveFixture.settings(directory, 1 << 20, 5, true);
        second = first.withMasterKey(() -> FixedKey.SECOND);
        objects = new MemoryObjectStore();
        history.fill(30);
        ArchiveFixture.create(objects, first);
        try (ArchiveWriter writer = Archive.openWriter(objects, first)) {
            ArchiveFixture.publishImage(writer, history);
        }
    }

    @Test
    void onlyTheKeyringIsWritten() {
        Map<String, byte[]> before = all();
        Archive.changeMasterKey(objects, first, FixedKey.SECOND);
        Map<String, byte[]> after = all();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        after.forEach((key, bytes) -> {
            if (key.equals("keyring")) {
                assertThat(bytes).isNotEqualTo(before.get(key));
            } else {
                assertThat(bytes).isEqualTo(before.get(key));
            }
        });
        assertThat(Archive.keyring(objects).masterKey()).hasValue(FixedKey.SECOND.id());
        assertThat(Archive.keyring(objects).rotations()).isEqualTo(1);
        assertThat(Archive.keyring(objects).dataKeys()).isPositive();
        assertFolds(second);
        assertThatThrownBy(() -> Archive.openReader(objects, first)).hasMessageContaining(FixedKey.SECOND.id());
    }

    @Test
    void aWriterThatIsOpenGoesOn() {
        try (ArchiveWriter writer = Archive.openWriter(objects, first)) {
            Archive.changeMasterKey(objects, first, FixedKey.SECOND);
            ArchiveFixture.publishSegment(writer, history, 3);
        }
        assertFolds(second);
    }

    @ParameterizedTest
    @EnumSource(FaultyObjectStore.Fault.class)
    void killedAnywhereOneOfTheTwoKeysOpensIt(FaultyObjectStore.Fault fault) {
        for (int n = 1; ; n++) {
            write();
            FaultyObjectStore faulty = new FaultyObjectStore(objects);
            faulty.failCall(n, fault, true);
            boolean finished = false;
            try {
                Archive.changeMasterKey(faulty, first, FixedKey.SECOND);
                finished = true;
            } catch (ReinstateException e) {
                assertThat(e.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            }
            boolean isSecond =
                    Archive.keyring(objects).masterKey().orElseThrow().equals(FixedKey.SECOND.id());
            assertFolds(isSecond ? second : first);
            Archive.changeMasterKey(objects, isSecond ? second : first, FixedKey.SECOND);
            assertFolds(second);
            if (finished) {
                assertThat(n).isGreaterThan(1);
                return;
            }
        }
    }

    @Test
    void anArchiveThatIsNotEncryptedHasNoKeyToChange() {
        MemoryObjectStore plain = new MemoryObjectStore();
        ArchiveFixture.create(plain, ArchiveFixture.settings(directory, 1 << 20, 5));
        assertThatThrownBy(() -> Archive.changeMasterKey(plain, first, FixedKey.SECOND))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.REFUSED));
        assertThat(Archive.keyring(plain).masterKey()).isEmpty();
    }

    private void assertFolds(ArchiveSettings settings) {
        ArchiveReader reader = Archive.openReader(objects, settings);
        ArchiveFixture.assertFolds(reader, reader.ranges().getFirst().lastPosition(), history.rows);
    }

    private Map<String, byte[]> all() {
        Map<String, byte[]> all = new TreeMap<>();
        for (ObjectStore.ObjectSummary summary : objects.list("", "", 1000)) {
            all.put(summary.key(), objects.get(summary.key()));
        }
        return all;
    }
}
