package dev.reinstate.archive.manifest;

import java.util.List;
import java.util.stream.Stream;

/**
 * An object as a manifest names it: what its bytes must be.
 *
 * @param sha256 of all its bytes, in hex
 */
public record NamedObject(String key, String sha256, long sizeBytes) {
    /** What must be durable before a manifest with that entry (INV-3). */
    public static List<NamedObject> of(Entry entry) {
        return switch (entry) {
            case Entry.Image image -> ofParts(image.parts());
            case Entry.TableImage image -> ofParts(image.parts());
            case Entry.Segment segment -> List.of(of(segment.object()));
            case Entry.MergedSegment merged -> List.of(of(merged.segment().object()));
            case Entry.SyntheticImage synthetic -> ofParts(synthetic.image().parts());
            case Entry.Catalogue catalogue -> ofCatalogue(catalogue);
            case Entry.ArchiveCreated created -> List.of();
            case Entry.WriterOpened opened -> List.of();
            case Entry.TenancyMapChanged changed -> List.of();
            case Entry.Position position -> List.of();
            case Entry.Gap gap -> List.of();
            case Entry.Timeline changed -> List.of();
            case Entry.Hold hold -> List.of();
            case Entry.Erasure erasure -> List.of();
            case Entry.Removal removal -> List.of();
            case Entry.Retention retention -> List.of();
            case Entry.Base base -> base.objects();
            case Entry.Leftovers leftovers -> List.of();
        };
    }

    private static List<NamedObject> ofParts(List<Entry.Part> parts) {
        return parts.stream().map(part -> of(part.object())).toList();
    }

    private static List<NamedObject> ofCatalogue(Entry.Catalogue catalogue) {
        Stream<NamedObject> versions = catalogue.objects().stream()
                .map(object -> new NamedObject(object.key(), object.sha256(), object.sizeBytes()));
        Stream<NamedObject> definitions = catalogue.definitions().stream()
                .map(object -> new NamedObject(object.key(), object.sha256(), object.sizeBytes()));
        return Stream.concat(versions, definitions).toList();
    }

    private static NamedObject of(StoredObject object) {
        return new NamedObject(object.key(), object.sha256(), object.sizeBytes());
    }

    /** Everything that a state names, but for the segments in its pages. */
    public static Stream<NamedObject> of(History history) {
        Stream<Entry> past = history.past().stream()
                .flatMap(left -> Stream.of(left.images(), left.tableImages(), left.segments()))
                .flatMap(List::stream);
        Stream<Entry> present = Stream.of(
                        history.images(),
                        history.tableImages(),
                        history.segments(),
                        history.catalogue(),
                        history.trail().bases())
                .flatMap(List::stream);
        return Stream.concat(past, present).flatMap(entry -> of(entry).stream());
    }
}
