package dev.reinstate.archive.manifest;

import static dev.reinstate.archive.manifest.Json.list;
import static dev.reinstate.archive.manifest.Json.lsn;
import static dev.reinstate.archive.manifest.Json.object;
import static dev.reinstate.archive.manifest.Json.time;
import static dev.reinstate.archive.manifest.Json.token;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Retention and what it leaves as JSON. */
final class RetentionJson {
    private RetentionJson() {}

    static ObjectNode write(Entry.Retention retention) {
        ObjectNode node = object().put("kind", "retention")
                .put("time", retention.time().toString())
                .put("from", retention.from().toString());
        Json.putList(node, "held", retention.held(), RetentionJson::writeKept);
        Json.putList(node, "removes", retention.removes(), EntryJson::writeReplaced);
        return node;
    }

    static Entry.Retention read(JsonNode node) {
        return new Entry.Retention(
                time(node, "time"),
                lsn(node, "from"),
                list(node, "held", RetentionJson::readKept),
                list(node, "removes", EntryJson::readReplaced));
    }

    static ObjectNode write(Past past) {
        ObjectNode node = object().put("from", past.from().toString())
                .put("since", past.since().toString());
        Json.putList(node, "held", past.held(), RetentionJson::writeKept);
        Json.putList(node, "ranges", past.ranges(), CheckpointJson::writeRange);
        Json.putList(node, "images", past.images(), EntryJson::writeImage);
        Json.putList(node, "tableImages", past.tableImages(), EntryJson::writeTableImage);
        Json.putList(node, "segments", past.segments(), EntryJson::writeSegment);
        return node;
    }

    static Past readPast(JsonNode node) {
        return new Past(
                lsn(node, "from"),
                time(node, "since"),
                list(node, "held", RetentionJson::readKept),
                list(node, "ranges", CheckpointJson::readRange),
                list(node, "images", EntryJson::readImage),
                list(node, "tableImages", EntryJson::readTableImage),
                list(node, "segments", EntryJson::readSegment));
    }

    private static ObjectNode writeKept(Entry.Kept kept) {
        return object().put("tenant", kept.tenant().toString())
                .put("from", kept.from().toString());
    }

    private static Entry.Kept readKept(JsonNode node) {
        return new Entry.Kept(token(node, "tenant"), lsn(node, "from"));
    }
}
