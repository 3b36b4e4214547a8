package dev.reinstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reinstate.model.Column;
import dev.reinstate.model.Lsn;
import dev.reinstate.model.TableName;
import dev.reinstate.model.TableSchema;
import dev.reinstate.model.TableVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TableWatchTest {
    private static final TableSchema KEYLESS = new TableSchema(
            16_500, TableName.parse("public.event"), List.of(new Column(1, "what", 25, "text")), List.of());
    private static final Lsn RIGHT = Lsn.parse("0/100");
    private static final Lsn LATER = Lsn.parse("0/900");

    private static Lsn rightUntil(TableVersion before) {
        TableChange change = new TableChange(
                before.oid(),
                before.name(),
                Optional.empty(),
                Optional.of(before),
                TableChange.Effect.GONE,
                true,
                "it was dropped");
        return new TableWatch.Noticed(List.of(change), RIGHT, Map.of(), LATER).rightUntil(change);
    }

    /** What it got before it was published is not in the stream, which then told of it all the same. */
    @Test
    void aTableThatWasOnlyAnnouncedWasNeverRight() {
        assertThat(rightUntil(KnownTables.announced(LATER, Instant.EPOCH, KEYLESS)))
                .isEqualTo(RIGHT);
    }

    @Test
    void aTableWithoutKeyWasRightWhenItWasRead() {
        assertThat(rightUntil(new TableVersion(
                        LATER,
                        Instant.EPOCH,
                        KEYLESS.oid(),
                        KEYLESS.name(),
                        Optional.of(KEYLESS),
                        "file 16500 logged published,1",
                        "image",
                        true)))
                .isEqualTo(LATER);
    }
}
