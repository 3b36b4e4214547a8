package dev.reinstate.archive;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.manifest.Entry;
import dev.reinstate.archive.manifest.History;
import dev.reinstate.archive.manifest.NamedObject;
import dev.reinstate.model.ReinstateException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The objects that a state names, as units of a check. */
final class CheckedObjects {
    private final History history;
    private final List<Entry.Segment> segments;

    CheckedObjects(History history, List<Entry.Segment> segments) {
        this.history = history;
        this.segments = segments;
    }

    /** That each is there with its size. */
    List<CheckUnit> presence(Listing listing, Findings findings) {
        List<CheckUnit> units = new ArrayList<>();
        for (Entry.Image image : history.images()) {
            CheckReport.Moments moments = Findings.momentsOf(history, image);
            NamedObject.of(image).forEach(object -> units.add(presence(object, moments, listing, findings)));
        }
        for (Entry.TableImage image : history.tableImages()) {
            CheckReport.Moments moments = Findings.momentsOf(history, image);
            NamedObject.of(image).forEach(object -> units.add(presence(object, moments, listing, findings)));
        }
        for (Entry.Segment segment : segments) {
            CheckReport.Moments moments = Findings.momentsOf(history, segment);
            NamedObject.of(segment).forEach(object -> units.add(presence(object, moments, listing, findings)));
        }
        for (Entry.Catalogue entry : history.catalogue()) {
            NamedObject.of(entry)
                    .forEach(object -> units.add(presence(object, CheckReport.Moments.NONE, listing, findings)));
        }
        return units;
    }

    private static CheckUnit presence(
            NamedObject object, CheckReport.Moments moments, Listing listing, Findings findings) {
        return new CheckUnit(CheckUnit.Kind.OBJECT, object.key(), object.sizeBytes(), () -> {
            OptionalLong size = listing.size(object.key());
            if (size.isEmpty() || size.getAsLong() != object.sizeBytes()) {
                String why = size.isEmpty()
                        ? "it is named by a manifest but is not there"
                        : "it has not the size its manifest says";
                boolean isLost = size.isEmpty() || size.getAsLong() < object.sizeBytes();
                ReinstateException damage = Damage.of("INV-3", "Object " + object.key(), why);
                findings.damage(object.key(), damage, List.of(), isLost ? moments : CheckReport.Moments.NONE);
                if (isLost && !moments.isEmpty()) {
                    findings.pieces().lose(object.key());
                }
            }
        });
    }

    /** States that the chain can be begun with: without one of them no moment is lost. */
    List<CheckUnit> bases(Listing listing, Findings findings) {
        return history.trail().bases().stream()
                .flatMap(base -> NamedObject.of(base).stream())
                .map(object -> presence(object, CheckReport.Moments.NONE, listing, findings))
                .toList();
    }

    /** That each is what was written, byte for byte and record for record. */
    List<CheckUnit> contents(ObjectCheck check, CatalogueReader catalogue, Findings findings) {
        List<CheckUnit> units = new ArrayList<>();
        for (Entry.Image image : history.images()) {
            CheckReport.Moments moments = Findings.momentsOf(history, image);
            image.parts().forEach(part -> units.add(content(part, () -> check.checkPart(part, oid -> true, moments))));
        }
        for (Entry.TableImage image : history.tableImages()) {
            CheckReport.Moments moments = Findings.momentsOf(history, image);
            image.parts().forEach(part -> units.add(content(part, () -> check.checkPart(part, image::isOf, moments))));
        }
        for (Entry.Segment segment : segments) {
            CheckReport.Moments moments = Findings.momentsOf(history, segment);
            units.add(new CheckUnit(
                    CheckUnit.Kind.OBJECT,
                    segment.object().key(),
                    segment.object().sizeBytes(),
                    () -> check.checkSegment(segment, moments)));
        }
        for (Entry.Catalogue entry : history.catalogue()) {
            entry.objects()
                    .forEach(object -> units.add(
                            document(object.key(), object.sizeBytes(), () -> catalogue.read(object), findings)));
            entry.definitions()
                    .ifPresent(object -> units.add(
                            document(object.key(), object.sizeBytes(), () -> catalogue.read(object), findings)));
        }
        return units;
    }

    private static CheckUnit content(Entry.Part part, Runnable check) {
        return new CheckUnit(
                CheckUnit.Kind.OBJECT, part.object().key(), part.object().sizeBytes(), check);
    }

    /** Losing what the catalogue was costs no moment: it helps to place rows whose table is another now. */
    private static CheckUnit document(String key, long sizeBytes, Runnable read, Findings findings) {
        return new CheckUnit(CheckUnit.Kind.OBJECT, key, sizeBytes, () -> {
            try {
                read.run();
            } catch (ReinstateException e) {
                ChainCheck.requireDamage(e);
                findings.damage(key, e, List.of(), CheckReport.Moments.NONE);
            }
        });
    }
}
