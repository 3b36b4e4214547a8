package dev.reinstate.archive;

import dev.reinstate.archive.format.ObjectKind;
import dev.reinstate.archive.format.Token;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.Past;
import dev.reinstate.archive.manifest.StoredObject;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What retention takes out of a history, and what it leaves there. Everything goes that is before the image with which the
 * oldest moment of the window begins, but for objects with rows of tenants that are held, with shared rows beside them,
 * and with what happened to whole tables. Pure: whoever calls it knows what is in an object.
 *
 * @param image with which everything that is kept begins
 * @param removes oldest first
 * @param keptForHolds objects that would go if nobody was held
 */
record RetentionPlan(
        Entry.Image image, List<Entry.Kept> held, List<StoredObject> removes, List<StoredObject> keptForHolds) {
    /** So that a manifest stays small; what is more goes with the next one. */
    static final int MOST_OBJECTS = 20_000;

    /** Says whether an object has something of one of these tenants, or of what all of them need. */
    interface Content {
        boolean isNeeded(Old object, Set<Token> tenants);
    }

    /**
     * An object that is before the position.
     *
     * @param kept what of it somebody could need ends here: a tenant that is kept from here on does not
     */
    record Old(StoredObject object, ObjectKind kind, Lsn kept) {}

    /**
     * The window.
     *
     * @param last the position at its begin
     * @param begin the time of its begin
     */
    record Window(Lsn last, Instant begin, int minimumImages) {}

    /**
     * @param history with all segments out of their pages
     * @return empty if there is nothing to remove
     */
    static Optional<RetentionPlan> of(History history, Window window, Content content) {
        return begin(history, window)
                .map(image -> of(history, image, content))
                .filter(plan -> !plan.removes().isEmpty());
    }

    /** The newest image with which the window's first moment can begin, or the one that was chosen last. */
    private static Optional<Entry.Image> begin(History history, Window window) {
        Lsn first = history.past().map(Past::from).orElse(Lsn.ZERO);
        int most = Math.max(0, history.images().size() - window.minimumImages() + 1);
        Optional<Entry.Image> newest = history.images().stream()
                .limit(most)
                .filter(image -> !image.position().isBefore(first))
                .filter(image -> !image.position().previous().isAfter(window.last()))
                .filter(image -> !image.time().isAfter(window.begin()))
                .reduce((one, other) -> other);
        return newest.or(() -> history.images().stream()
                .filter(image -> history.past().isPresent() && image.position().equals(first))
                .findFirst());
    }

    private static RetentionPlan of(History history, Entry.Image image, Content content) {
        Lsn from = image.position();
        Map<Token, Lsn> held = held(history, from);
        List<StoredObject> removes = new ArrayList<>();
        List<StoredObject> kept = new ArrayList<>();
        old(history, from).forEach(object -> {
            Set<Token> tenants = held.entrySet().stream()
                    .filter(tenant -> tenant.getValue().isBefore(object.kept()))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
            boolean stays = !tenants.isEmpty() && content.isNeeded(object, tenants);
            (stays ? kept : removes).add(object.object());
        });
        return new RetentionPlan(
                image,
                held.entrySet().stream()
                        .map(tenant -> new Entry.Kept(tenant.getKey(), tenant.getValue()))
                        .toList(),
                removes.subList(0, Math.min(removes.size(), MOST_OBJECTS)),
                kept);
    }

    /** By tenant, from where on its moments are kept; without those of whom nothing before the position is there. */
    private static Map<Token, Lsn> held(History history, Lsn from) {
        Lsn begin = history.ranges().getFirst().from();
        Map<Token, Lsn> held = new LinkedHashMap<>();
        for (Entry.Hold hold : history.holds()) {
            Lsn there =
                    history.past().flatMap(past -> past.keptFrom(hold.tenant())).orElse(begin);
            if (there.isBefore(from)) {
                held.put(hold.tenant(), there);
            }
        }
        return held;
    }

    /** Objects that nobody needs from the position on. */
    private static Stream<Old> old(History history, Lsn from) {
        Stream<Old> images = both(history.past().map(Past::images), history.images())
                .filter(image -> image.position().isBefore(from))
                .flatMap(image -> image.parts().stream().map(part -> ofPart(part, image.position())));
        Stream<Old> tableImages = both(history.past().map(Past::tableImages), history.tableImages())
                .filter(image -> image.position().isBefore(from))
                .flatMap(image -> image.parts().stream().map(part -> ofPart(part, image.position())));
        Stream<Old> segments = both(history.past().map(Past::segments), history.segments())
                .filter(segment -> !segment.to().isAfter(from))
                .map(segment -> new Old(segment.object(), ObjectKind.SEGMENT, segment.to()));
        return Stream.of(segments, tableImages, images).flatMap(all -> all);
    }

    private static Old ofPart(Entry.Part part, Lsn position) {
        return new Old(part.object(), ObjectKind.IMAGE_PART, new Lsn(position.value() + 1));
    }

    private static <T> Stream<T> both(Optional<List<T>> past, List<T> now) {
        return Stream.concat(past.stream().flatMap(List::stream), now.stream()).distinct();
    }

    Entry.Retention entry(Instant now) {
        return new Entry.Retention(
                now,
                image.position(),
                held,
                removes.stream()
                        .map(object -> new Entry.Replaced(object.key(), object.sizeBytes()))
                        .toList());
    }
}
