package dev.reinstate.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileObjectStoreTest extends ObjectStoreContract {
    @TempDir
    Path directory = Path.of("");

    @Override
    protected ObjectStore open() {
        return FileObjectStore.open(directory.resolve("store"));
    }

    @Test
    void anotherProcessSeesIt() {
        try (ObjectStore one = open();
                ObjectStore other = open()) {
            one.putIfAbsent("a/b", new byte[] {1});
            assertThat(other.get("a/b")).containsExactly(1);
        }
    }

    @Test
    void objectsAreReadOnlyFiles() throws IOException {
        try (ObjectStore store = open()) {
            store.putIfAbsent("a/b", new byte[] {1});
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("store/a/b"))))
                    .isEqualTo("r--r--r--");
        }
    }

    @Test
    void leftoversOfTheDeadAreRemovedAndTheLivingAreLeftAlone() throws IOException {
        Path pending = directory.resolve("store/.pending");
        Files.createDirectories(pending.resolve("new-dead"));
        Files.writeString(pending.resolve("new-dead/lock"), "");
        Files.writeString(pending.resolve("new-dead/half"), "half an object");
        try (ObjectStore living = open();
                ObjectWriter writer = living.create("living")) {
            assertThat(pending.resolve("new-dead")).doesNotExist();
            writer.write(new byte[] {1}, 0, 1);
            try (ObjectStore other = open()) {
                other.putIfAbsent("other", new byte[] {2});
            }
            writer.publish();
            assertThat(living.get("living")).containsExactly(1);
        }
        try (Stream<Path> left = Files.list(pending)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aFullDiskIsSaid() {
        ObjectStoreException failure = FileObjectStore.failure("Writing x", new IOException("No space left on device"));
        assertThat(failure.kind()).isEqualTo(ObjectStoreException.Kind.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("disk is full").hasMessageContaining("free space");
    }

    @Test
    void aPlaceThatCannotBeADirectoryIsSaid() throws IOException {
        Path file = directory.resolve("file");
        Files.writeString(file, "x");
        assertThatThrownBy(() -> FileObjectStore.open(file.resolve("store")))
                .isInstanceOfSatisfying(
                        ObjectStoreException.class,
                        e -> assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.UNAVAILABLE));
    }

    @Test
    void aReadOnlyFileSystemIsSaid() {
        Path readOnly = Path.of("/proc/self");
        Assumptions.assumeTrue(Files.isDirectory(readOnly));
        try (ObjectStore store = FileObjectStore.open(readOnly)) {
            assertThatThrownBy(() -> store.putIfAbsent("a", new byte[0]))
                    .isInstanceOfSatisfying(
                            ObjectStoreException.class,
                            e -> assertThat(e.kind()).isEqualTo(ObjectStoreException.Kind.UNAVAILABLE));
            assertThat(store.size("no-such")).isEmpty();
        }
    }
}
