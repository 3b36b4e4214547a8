package dev.reinstate.archive;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.PartitionContent;
import dev.reinstate.archive.format.RawRecord;
import dev.reinstate.archive.format.TableContent;
import dev.reinstate.archive.format.Token;
import java.util.ArrayList;
import java.util.List;

/** Holds an image's rows against the content hashes behind them (INV-28), as they pass. Not thread-safe. */
final class ContentCheck {
    private final PartitionContent rows = new PartitionContent();
    private final List<TableContent> kept = new ArrayList<>();
    private boolean hasOthers;
    private long tokenHigh;
    private long tokenLow;

    void add(RawRecord record) {
        if (Token.compare(tokenHigh, tokenLow, record.tokenHigh, record.tokenLow) != 0) {
            hasOthers |= !rows.isEmpty();
            rows.clear();
            kept.clear();
            tokenHigh = record.tokenHigh;
            tokenLow = record.tokenLow;
        }
        rows.add(record);
    }

    /** At the end of a block. */
    void hold(List<TableContent> hashes) {
        if (hashes.isEmpty()) {
            return;
        }
        rows.firstNotOf(hashes).ifPresent(wrong -> {
            throw Damage.of(
                    "INV-28",
                    "An image's rows of the table with oid " + Integer.toUnsignedString(wrong.oid()),
                    "they are not those whose content hash was kept when it was written");
        });
        rows.clear();
        kept.addAll(hashes);
    }

    /** Those of the last partition so far. */
    List<TableContent> kept() {
        return List.copyOf(kept);
    }

    /** At the end: whether there were no rows without hashes behind them. */
    boolean isWhole() {
        return !hasOthers && rows.isEmpty();
    }
}
