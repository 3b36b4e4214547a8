package dev.reinstate.archive.manifest;

import static dev.reinstate.archive.manifest.Json.child;
import static dev.reinstate.archive.manifest.Json.list;
import static dev.reinstate.archive.manifest.Json.lsn;
import static dev.reinstate.archive.manifest.Json.number;
import static dev.reinstate.archive.manifest.Json.object;
import static dev.reinstate.archive.manifest.Json.text;
import static dev.reinstate.archive.manifest.Json.time;
import static dev.reinstate.archive.manifest.Json.token;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Entries as JSON. */
final class EntryJson {
    private EntryJson() {}

    static ObjectNode write(Entry entry) {
        return switch (entry) {
            case Entry.ArchiveCreated created -> writeCreated(created);
            case Entry.WriterOpened opened -> ofKind("writer-opened");
            case Entry.TenancyMapChanged changed -> {
                ObjectNode node = ofKind("tenancy-map");
                node.set("tenancyMap", Json.of(changed.tenancyMap()));
                yield node;
            }
            case Entry.Image image -> writeImage(image);
            case Entry.TableImage image -> writeTableImage(image);
            case Entry.Catalogue catalogue -> writeCatalogue(catalogue);
            case Entry.Segment segment -> writeSegment(segment);
            case Entry.Position position ->
                ofKind("position")
                        .put("to", position.to().toString())
                        .put("time", position.time().toString());
            case Entry.Timeline changed ->
                ofKind("timeline")
                        .put("timeline", Integer.toUnsignedLong(changed.timeline()))
                        .put("fork", changed.fork().toString())
                        .put("time", changed.time().toString())
                        .put("reason", changed.reason());
            case Entry.Gap gap ->
                ofKind("gap")
                        .put("from", gap.from().toString())
                        .put("time", gap.time().toString())
                        .put("reason", gap.reason());
            case Entry.Hold hold -> writeHold(hold);
            case Entry.MergedSegment merged -> writeMerged(merged);
            case Entry.Removal removal -> {
                ObjectNode node = ofKind("removal").put("time", removal.time().toString());
                removal.manifests().forEach(node.putArray("manifests")::add);
                yield node;
            }
            case Entry.SyntheticImage synthetic -> writeImage(synthetic.image()).put("kind", "synthetic-image");
            case Entry.Erasure erasure -> writeErasure(erasure);
            case Entry.Retention retention -> RetentionJson.write(retention);
            case Entry.Base base -> TrailJson.write(base);
            case Entry.Leftovers leftovers -> writeLeftovers(leftovers);
        };
    }

    private static ObjectNode ofKind(String kind) {
        return object().put("kind", kind);
    }

    private static ObjectNode writeCreated(Entry.ArchiveCreated created) {
        ObjectNode node = ofKind("archive-created");
        node.set("store", Json.of(created.store()));
        node.put("tokenCheck", created.tokenCheck().toString());
        node.set("tenancyMap", Json.of(created.tenancyMap()));
        return node;
    }

    static ObjectNode writeImage(Entry.Image image) {
        ObjectNode node = ofKind("image")
                .put("position", image.position().toString())
                .put("time", image.time().toString())
                .put("rows", image.rows())
                .put("sizeBytes", image.sizeBytes());
        image.base().ifPresent(base -> node.put("base", base.toString()));
        Json.putList(node, "parts", image.parts(), EntryJson::writePart);
        return node;
    }

    static ObjectNode writeTableImage(Entry.TableImage image) {
        ObjectNode node = ofKind("table-image")
                .put("position", image.position().toString())
                .put("time", image.time().toString())
                .put("durableTo", image.durableTo().toString())
                .put("rows", image.rows())
                .put("sizeBytes", image.sizeBytes());
        Json.putList(node, "tables", image.tables(), EntryJson::writeReimaged);
        Json.putList(node, "parts", image.parts(), EntryJson::writePart);
        return node;
    }

    private static ObjectNode writeReimaged(Entry.Reimaged table) {
        ObjectNode node = object().put("oid", Integer.toUnsignedLong(table.oid()));
        Json.put(node, "table", table.table());
        return node.put("uncertainFrom", table.uncertainFrom().toString()).put("reason", table.reason());
    }

    static ObjectNode writeCatalogue(Entry.Catalogue catalogue) {
        ObjectNode node = ofKind("catalogue");
        Json.putList(
                node,
                "objects",
                catalogue.objects(),
                one -> object().put("key", one.key())
                        .put("sha256", one.sha256())
                        .put("sizeBytes", one.sizeBytes())
                        .put("versions", one.versions()));
        catalogue
                .definitions()
                .ifPresent(one -> node.putObject("definitions")
                        .put("position", one.position().toString())
                        .put("key", one.key())
                        .put("sha256", one.sha256())
                        .put("sizeBytes", one.sizeBytes()));
        return node;
    }

    private static ObjectNode writeMerged(Entry.MergedSegment merged) {
        ObjectNode node = writeSegment(merged.segment())
                .put("kind", "merged-segment")
                .put("time", merged.time().toString())
                .put("erasedChanges", merged.erasedChanges());
        Json.putList(node, "replaces", merged.replaces(), EntryJson::writeReplaced);
        return node;
    }

    static ObjectNode writeHold(Entry.Hold hold) {
        return ofKind("hold")
                .put("tenant", hold.tenant().toString())
                .put("placed", hold.placed())
                .put("time", hold.time().toString())
                .put("reason", hold.reason());
    }

    private static ObjectNode writeLeftovers(Entry.Leftovers leftovers) {
        ObjectNode node = ofKind("leftovers").put("time", leftovers.time().toString());
        Json.putList(node, "objects", leftovers.objects(), EntryJson::writeReplaced);
        return node;
    }

    private static ObjectNode writePart(Entry.Part part) {
        ObjectNode node = object();
        Json.put(node, part.object());
        return node.put("rows", part.rows())
                .put("firstToken", part.firstToken().toString())
                .put("lastToken", part.lastToken().toString());
    }

    static ObjectNode writeSegment(Entry.Segment segment) {
        ObjectNode node = ofKind("segment")
                .put("from", segment.from().toString())
                .put("to", segment.to().toString());
        Json.put(node, segment.object());
        return node.put("changes", segment.changes())
                .put("commits", segment.commits().count())
                .put("firstCommit", segment.commits().first().toString())
                .put("lastCommit", segment.commits().last().toString())
                .put("minTime", segment.commits().minTime().toString())
                .put("maxTime", segment.commits().maxTime().toString());
    }

    static Entry read(String key, JsonNode node) {
        String kind = text(node, "kind");
        return switch (kind) {
            case "archive-created" ->
                new Entry.ArchiveCreated(
                        Json.store(child(node, "store")),
                        Json.tenancyMap(child(node, "tenancyMap")),
                        token(node, "tokenCheck"));
            case "writer-opened" -> new Entry.WriterOpened();
            case "tenancy-map" -> new Entry.TenancyMapChanged(Json.tenancyMap(child(node, "tenancyMap")));
            case "image" -> readImage(node);
            case "table-image" -> readTableImage(node);
            case "catalogue" -> readCatalogue(node);
            case "segment" -> readSegment(node);
            case "position" -> new Entry.Position(lsn(node, "to"), time(node, "time"));
            case "gap" -> new Entry.Gap(lsn(node, "from"), time(node, "time"), text(node, "reason"));
            case "timeline" ->
                new Entry.Timeline(
                        (int) number(node, "timeline"), lsn(node, "fork"), time(node, "time"), text(node, "reason"));
            case "synthetic-image" -> new Entry.SyntheticImage(readImage(node));
            case "removal" -> new Entry.Removal(time(node, "time"), list(node, "manifests", JsonNode::longValue));
            case "hold" -> readHold(node);
            case "merged-segment" ->
                new Entry.MergedSegment(
                        readSegment(node),
                        time(node, "time"),
                        number(node, "erasedChanges"),
                        list(node, "replaces", EntryJson::readReplaced));
            case "erasure" -> readErasure(node);
            case "retention" -> RetentionJson.read(node);
            case "base" -> TrailJson.read(node);
            case "leftovers" -> new Entry.Leftovers(time(node, "time"), list(node, "objects", EntryJson::readReplaced));
            default -> throw Json.newer(key, "an entry of kind " + kind);
        };
    }

    static ObjectNode writeReplaced(Entry.Replaced one) {
        return object().put("key", one.key()).put("sizeBytes", one.sizeBytes());
    }

    static Entry.Replaced readReplaced(JsonNode one) {
        return new Entry.Replaced(text(one, "key"), number(one, "sizeBytes"));
    }

    static Entry.Image readImage(JsonNode node) {
        return new Entry.Image(
                lsn(node, "position"),
                time(node, "time"),
                number(node, "rows"),
                list(node, "parts", EntryJson::readPart),
                node.has("base") ? Optional.of(lsn(node, "base")) : Optional.empty());
    }

    static Entry.TableImage readTableImage(JsonNode node) {
        return new Entry.TableImage(
                lsn(node, "position"),
                time(node, "time"),
                lsn(node, "durableTo"),
                number(node, "rows"),
                list(node, "tables", EntryJson::readReimaged),
                list(node, "parts", EntryJson::readPart));
    }

    private static Entry.Reimaged readReimaged(JsonNode node) {
        return new Entry.Reimaged(
                Json.oid(node), Json.table(node, "table"), lsn(node, "uncertainFrom"), text(node, "reason"));
    }

    static Entry.Catalogue readCatalogue(JsonNode node) {
        List<Entry.CatalogueObject> objects = list(
                node,
                "objects",
                one -> new Entry.CatalogueObject(
                        text(one, "key"), text(one, "sha256"), number(one, "sizeBytes"), number(one, "versions")));
        return new Entry.Catalogue(
                objects,
                node.has("definitions") ? Optional.of(readDefinitions(child(node, "definitions"))) : Optional.empty());
    }

    private static Entry.DefinitionsObject readDefinitions(JsonNode node) {
        return new Entry.DefinitionsObject(
                lsn(node, "position"), text(node, "key"), text(node, "sha256"), number(node, "sizeBytes"));
    }

    static ObjectNode writeErasure(Entry.Erasure erasure) {
        return ofKind("erasure")
                .put("tenant", erasure.tenant().toString())
                .put("step", erasure.step().name().toLowerCase(Locale.ROOT))
                .put("generation", erasure.generation())
                .put("durableTo", erasure.durableTo().toString())
                .put("due", erasure.due().toString())
                .put("time", erasure.time().toString())
                .put("reason", erasure.reason());
    }

    static Entry.Erasure readErasure(JsonNode node) {
        return new Entry.Erasure(
                token(node, "tenant"),
                Entry.ErasureStep.valueOf(text(node, "step").toUpperCase(Locale.ROOT)),
                (int) number(node, "generation"),
                lsn(node, "durableTo"),
                time(node, "due"),
                time(node, "time"),
                text(node, "reason"));
    }

    static Entry.Hold readHold(JsonNode node) {
        return new Entry.Hold(
                token(node, "tenant"), child(node, "placed").booleanValue(), time(node, "time"), text(node, "reason"));
    }

    private static Entry.Part readPart(JsonNode node) {
        return new Entry.Part(
                Json.storedObject(node), number(node, "rows"), token(node, "firstToken"), token(node, "lastToken"));
    }

    static Entry.Segment readSegment(JsonNode node) {
        Entry.Commits commits = new Entry.Commits(
                number(node, "commits"),
                lsn(node, "firstCommit"),
                lsn(node, "lastCommit"),
                time(node, "minTime"),
                time(node, "maxTime"));
        return new Entry.Segment(
                lsn(node, "from"), lsn(node, "to"), Json.storedObject(node), number(node, "changes"), commits);
    }
}
