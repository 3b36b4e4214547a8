package dev.reinstate.bench.product;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredBytesTest {
    @Test
    void addsUpByKindAndSaysWhatCame(@TempDir Path archive) throws Exception {
        Files.write(archive.resolve("keyring"), new byte[100]);
        Path images = Files.createDirectories(archive.resolve("image").resolve("one"));
        Files.write(images.resolve("part-00001"), new byte[5_000]);
        StoredBytes before = StoredBytes.of(archive);
        assertThat(before.bytes()).isEqualTo(5_100);
        Files.write(Files.createDirectory(archive.resolve("segment")).resolve("a"), new byte[2_000_000]);
        Files.write(images.resolve("part-00002"), new byte[1_000_000]);
        assertThat(before.until(StoredBytes.of(archive))).isEqualTo("image +1.0 MB in +1, segment +2.0 MB in +1");
    }
}
