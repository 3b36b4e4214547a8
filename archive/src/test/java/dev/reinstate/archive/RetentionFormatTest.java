package dev.reinstate.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.DocumentCipher;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.Manifest;
import dev.reinstate.archive.manifest.ManifestJson;
import dev.reinstate.model.Lsn;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The entry's text is a promise: archives that have it are read by every later version. */
final class RetentionFormatTest {
    private static final Entry.Retention ENTRY = new Entry.Retention(
            Instant.parse("2026-03-01T12:00:00Z"),
            new Lsn(0x1_0000_2000L),
            List.of(new Entry.Kept(new Token(0x0123456789abcdefL, 0xfedcba9876543210L), new Lsn(0x1000))),
            List.of(new Entry.Replaced("segment/0000000000001000-0000000000002000-00000000000000aa", 4711)));

    private static final String TEXT = "{\"kind\":\"retention\",\"time\":\"2026-03-01T12:00:00Z\",\"from\":\"1/2000\","
            + "\"held\":[{\"tenant\":\"0123456789abcdeffedcba9876543210\",\"from\":\"0/1000\"}],"
            + "\"removes\":[{\"key\":\"segment/0000000000001000-0000000000002000-00000000000000aa\",\"sizeBytes\":4711}]}";

    @Test
    void theEntryIsWrittenAndReadAsItWasAlways() {
        Manifest manifest = new Manifest(
                7,
                Manifest.NO_PREVIOUS,
                "00".repeat(16),
                "11".repeat(16),
                Instant.parse("2026-03-01T12:00:00Z"),
                ENTRY);
        byte[] written = ManifestJson.write(manifest, DocumentCipher.none());
        assertThat(new String(written, StandardCharsets.UTF_8)).contains(TEXT);
        assertThat(ManifestJson.read(Keys.manifest(7), written, DocumentCipher.none()))
                .isEqualTo(manifest);
    }
}
