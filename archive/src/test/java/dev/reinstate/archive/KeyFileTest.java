package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reinstate.model.FailureKind;
import dev.reinstate.model.ReinstateException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyFileTest {
    private static final byte[] PLAIN = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory = Path.of("");

    @Test
    void whatOneWrapsTheOtherUnwraps() throws IOException {
        Path file = directory.resolve("reinstate.key");
        KeyFile created = KeyFile.create(file, new SecureRandom());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        KeyFile read = KeyFile.read(file);
        assertThat(read.id()).isEqualTo(created.id()).matches("file:[0-9a-f]{16}");
        assertThat(read.unwrap(created.wrap(PLAIN, "a"), "a")).isEqualTo(PLAIN);
        assertThatThrownBy(() -> read.unwrap(created.wrap(PLAIN, "a"), "b"))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.DAMAGED));
    }

    @Test
    void anotherFileIsAnotherKey() {
        KeyFile first = KeyFile.create(directory.resolve("a.key"), new SecureRandom());
        KeyFile second = KeyFile.create(directory.resolve("b.key"), new SecureRandom());
        assertThat(second.id()).isNotEqualTo(first.id());
    }

    @Test
    void aKeyTypedInFromPaperIsRead() throws IOException {
        Path file = directory.resolve("reinstate.key");
        String id = KeyFile.create(file, new Random(1)).id();
        String typed = Files.readString(file).replaceAll("(?m)^#.*\n", "");
        String upper = typed.replaceAll("key: .*", "key: " + keyOf(typed).toUpperCase(Locale.ROOT) + "  ");
        assertThat(KeyFile.parse(upper, "paper").id()).isEqualTo(id);
        assertThat(KeyFile.parse(typed.replace("-", " "), "paper").id()).isEqualTo(id);
    }

    @Test
    void everySlipIsNoticedAndTheKeyIsNotTold() throws IOException {
        Path file = directory.resolve("reinstate.key");
        KeyFile.create(file, new Random(1));
        String text = Files.readString(file);
        String key = keyOf(text);
        for (int at = 0; at < key.length(); at++) {
            if (key.charAt(at) != '-') {
                char other = key.charAt(at) == '0' ? '1' : '0';
                String slip = key.substring(0, at) + other + key.substring(at + 1);
                assertInvalid(text.replace(key, slip), "do not fit");
            }
        }
        assertInvalid(text.replace(key, key.substring(1)), "63 hexadecimal digits");
        assertInvalid("nothing of the kind", "is not a key file");
    }

    @Test
    void aKeyFileIsNeverOverwritten() throws IOException {
        Path file = directory.resolve("reinstate.key");
        Files.writeString(file, "precious");
        assertThatThrownBy(() -> KeyFile.create(file, new SecureRandom()))
                .isInstanceOfSatisfying(
                        ReinstateException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.CONFLICT));
        assertThat(file).hasContent("precious");
    }

    @Test
    void aMissingFileSaysWhatToDo() {
        assertThatThrownBy(() -> KeyFile.read(directory.resolve("gone.key")))
                .hasMessageContaining("gone.key")
                .hasMessageContaining("put back the copy");
    }

    private static String keyOf(String text) {
        return text.lines()
                .filter(line -> line.startsWith("key: "))
                .map(line -> line.substring(5))
                .findFirst()
                .orElseThrow();
    }

    private static void assertInvalid(String text, String why) {
        assertThatThrownBy(() -> KeyFile.parse(text, "paper")).isInstanceOfSatisfying(ReinstateException.class, e -> {
            assertThat(e.kind()).isEqualTo(FailureKind.INVALID);
            assertThat(e.getMessage()).contains(why).doesNotContainPattern("[0-9a-f]{8}-[0-9a-f]{8}");
        });
    }
}
