package dev.reinstate.archive.manifest;

import static dev.reinstate.archive.manifest.Json.child;
import static dev.reinstate.archive.manifest.Json.list;
import static dev.reinstate.archive.manifest.Json.lsn;
import static dev.reinstate.archive.manifest.Json.number;
import static dev.reinstate.archive.manifest.Json.object;
import static dev.reinstate.archive.manifest.Json.text;
import static dev.reinstate.archive.manifest.Json.time;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.model.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Checkpoints and their pages as sealed JSON. */
public final class CheckpointJson {
    private static final String FORMAT = "reinstate-checkpoint";
    private static final String PAGE_FORMAT = "reinstate-page";

    private CheckpointJson() {}

    /**
     * The state after a manifest.
     *
     * @param manifestSha256 of all the manifest's bytes: the checkpoint is of this chain
     */
    public record Checkpoint(long number, String manifestSha256, History history) {}

    public static byte[] write(Checkpoint checkpoint, DocumentCipher cipher) {
        History history = checkpoint.history();
        ObjectNode node = object();
        node.set("store", Json.of(history.origin().store()));
        node.put("tokenCheck", history.origin().tokenCheck().toString());
        node.set("tenancyMap", Json.of(history.origin().tenancyMap()));
        node.put("durableTo", history.durable().to().toString());
        history.durable().time().ifPresent(time -> node.put("durableTime", time.toString()));
        Json.putList(node, "ranges", history.ranges(), CheckpointJson::writeRange);
        Json.putList(node, "gaps", history.gaps(), CheckpointJson::writeGap);
        Json.putList(node, "images", history.images(), EntryJson::writeImage);
        Json.putList(node, "tableImages", history.tableImages(), EntryJson::writeTableImage);
        Json.putList(node, "catalogue", history.catalogue(), EntryJson::writeCatalogue);
        Json.putList(node, "pages", history.pages(), CheckpointJson::writePageReference);
        Json.putList(node, "segments", history.segments(), EntryJson::writeSegment);
        if (!history.holds().isEmpty()) {
            Json.putList(node, "holds", history.holds(), EntryJson::writeHold);
        }
        if (!history.erasures().isEmpty()) {
            Json.putList(node, "erasures", history.erasures(), EntryJson::writeErasure);
        }
        if (!history.retired().isEmpty()) {
            Json.putList(node, "retired", history.retired(), CheckpointJson::writeRetired);
        }
        history.past().ifPresent(past -> node.set("past", RetentionJson.write(past)));
        if (!history.trail().equals(Trail.WHOLE)) {
            node.set("trail", TrailJson.write(history.trail()));
        }
        ObjectNode document = object().put("format", FORMAT)
                .put("version", 1)
                .put("number", checkpoint.number())
                .put("manifestSha256", checkpoint.manifestSha256());
        cipher.add(document, node, "checkpoint", checkpoint.number(), checkpoint.manifestSha256());
        return Sealed.seal(Json.bytes(document));
    }

    static ObjectNode writeRange(History.Stretch range) {
        return object().put("from", range.from().toString())
                .put("fromTime", range.fromTime().toString())
                .put("to", range.to().toString())
                .put("toTime", range.toTime().toString());
    }

    private static ObjectNode writeGap(History.Loss gap) {
        ObjectNode node = object().put("from", gap.from().toString());
        gap.to().ifPresent(to -> node.put("to", to.toString()));
        return node.put("since", gap.since().toString()).put("reason", gap.reason());
    }

    private static ObjectNode writePageReference(PageReference page) {
        return object().put("key", page.key())
                .put("sha256", page.sha256())
                .put("from", page.from().toString())
                .put("to", page.to().toString())
                .put("segments", page.totals().segments())
                .put("changes", page.totals().changes())
                .put("commits", page.totals().commits())
                .put("sizeBytes", page.totals().sizeBytes())
                .put("maxTime", page.maxTime().toString());
    }

    public static Checkpoint read(String key, byte[] sealed, DocumentCipher cipher) {
        return Json.read(key, Sealed.open(key, sealed), FORMAT, node -> {
            long number = number(node, "number");
            String manifest = text(node, "manifestSha256");
            return new Checkpoint(
                    number, manifest, readHistory(cipher.secretOf(node, key, "checkpoint", number, manifest)));
        });
    }

    private static History readHistory(JsonNode node) {
        return new History(
                new History.Origin(
                        Json.store(child(node, "store")),
                        Json.token(node, "tokenCheck"),
                        Json.tenancyMap(child(node, "tenancyMap"))),
                new History.Durable(lsn(node, "durableTo"), optionalTime(node, "durableTime")),
                list(node, "ranges", CheckpointJson::readRange),
                list(node, "gaps", CheckpointJson::readGap),
                list(node, "images", EntryJson::readImage),
                list(node, "tableImages", EntryJson::readTableImage),
                list(node, "catalogue", EntryJson::readCatalogue),
                list(node, "pages", CheckpointJson::readPageReference),
                list(node, "segments", EntryJson::readSegment),
                node.has("holds") ? list(node, "holds", EntryJson::readHold) : List.of(),
                node.has("erasures") ? list(node, "erasures", EntryJson::readErasure) : List.of(),
                node.has("retired") ? list(node, "retired", CheckpointJson::readRetired) : List.of(),
                node.has("past") ? Optional.of(RetentionJson.readPast(child(node, "past"))) : Optional.empty(),
                node.has("trail") ? TrailJson.readTrail(child(node, "trail")) : Trail.WHOLE);
    }

    private static ObjectNode writeRetired(History.Retired retired) {
        return object().put("manifest", retired.manifest())
                .put("time", retired.time().toString())
                .put("objects", retired.objects())
                .put("sizeBytes", retired.sizeBytes());
    }

    private static History.Retired readRetired(JsonNode node) {
        return new History.Retired(
                number(node, "manifest"), time(node, "time"), number(node, "objects"), number(node, "sizeBytes"));
    }

    private static Optional<Instant> optionalTime(JsonNode node, String field) {
        return node.has(field) ? Optional.of(time(node, field)) : Optional.empty();
    }

    static History.Stretch readRange(JsonNode node) {
        return new History.Stretch(lsn(node, "from"), time(node, "fromTime"), lsn(node, "to"), time(node, "toTime"));
    }

    private static History.Loss readGap(JsonNode node) {
        Optional<Lsn> to = node.has("to") ? Optional.of(lsn(node, "to")) : Optional.empty();
        return new History.Loss(lsn(node, "from"), to, time(node, "since"), text(node, "reason"));
    }

    private static PageReference readPageReference(JsonNode node) {
        PageReference.Totals totals = new PageReference.Totals(
                number(node, "segments"), number(node, "changes"), number(node, "commits"), number(node, "sizeBytes"));
        return new PageReference(
                text(node, "key"),
                text(node, "sha256"),
                lsn(node, "from"),
                lsn(node, "to"),
                totals,
                time(node, "maxTime"));
    }

    public static byte[] writePage(List<Entry.Segment> segments, DocumentCipher cipher) {
        ObjectNode node = object();
        Json.putList(node, "segments", segments, EntryJson::writeSegment);
        ObjectNode document = object().put("format", PAGE_FORMAT).put("version", 1);
        return Sealed.seal(Json.bytes(cipher.add(document, node, "page")));
    }

    public static List<Entry.Segment> readPage(String key, byte[] sealed, DocumentCipher cipher) {
        return Json.read(
                key,
                Sealed.open(key, sealed),
                PAGE_FORMAT,
                node -> list(cipher.secretOf(node, key, "page"), "segments", EntryJson::readSegment));
    }
}
