package dev.reinstate.archive;

import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.model.Lsn;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a fold begins, table by table: with the image, or with the newest image of just that table since.
 *
 * @param reimaged by oid, the newest table image of each table that has one
 */
record FoldBase(Entry.Image image, Map<Integer, Entry.TableImage> reimaged) {
    /** @param upTo the last position a table image may have */
    static FoldBase of(History history, Entry.Image image, Lsn upTo) {
        Map<Integer, Entry.TableImage> newest = new HashMap<>();
        for (Entry.TableImage candidate : history.tableImages()) {
            if (!candidate.position().isBefore(image.position())
                    && !candidate.position().isAfter(upTo)) {
                for (Entry.Reimaged table : candidate.tables()) {
                    newest.merge(
                            table.oid(),
                            candidate,
                            (known, added) -> added.position().isBefore(known.position()) ? known : added);
                }
            }
        }
        return new FoldBase(image, newest);
    }

    boolean isReimaged(int oid) {
        return !reimaged.isEmpty() && reimaged.containsKey(oid);
    }

    @SuppressWarnings("ReferenceEquality") // the very image, of several that may be alike
    boolean comesFrom(Entry.TableImage tableImage, int oid) {
        return reimaged.get(oid) == tableImage;
    }

    /** Changes of the table with a commit LSN before this are in its image. */
    Lsn from(int oid) {
        Entry.@Nullable TableImage tableImage = reimaged.isEmpty() ? null : reimaged.get(oid);
        return tableImage == null ? image.position() : tableImage.position();
    }

    /** The table images that are needed, each once. */
    Collection<Entry.TableImage> tableImages() {
        return new LinkedHashSet<>(reimaged.values());
    }
}
