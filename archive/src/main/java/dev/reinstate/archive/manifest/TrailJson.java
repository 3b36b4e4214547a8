package dev.reinstate.archive.manifest;

import static dev.reinstate.archive.manifest.Json.list;
import static dev.reinstate.archive.manifest.Json.number;
import static dev.reinstate.archive.manifest.Json.object;
import static dev.reinstate.archive.manifest.Json.text;
import static dev.reinstate.archive.manifest.Json.time;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Where the chain can be begun, as JSON. */
final class TrailJson {
    private TrailJson() {}

    static ObjectNode write(Entry.Base base) {
        ObjectNode node = object().put("kind", "base")
                .put("time", base.time().toString())
                .put("number", base.number())
                .put("manifestSha256", base.manifestSha256())
                .put("first", base.first());
        Json.putList(node, "objects", base.objects(), TrailJson::writeObject);
        return node;
    }

    static Entry.Base read(JsonNode node) {
        return new Entry.Base(
                time(node, "time"),
                number(node, "number"),
                text(node, "manifestSha256"),
                list(node, "objects", TrailJson::readObject),
                number(node, "first"));
    }

    static ObjectNode write(Trail trail) {
        ObjectNode node =
                object().put("first", trail.first()).put("since", trail.since().toString());
        Json.putList(node, "bases", trail.bases(), TrailJson::write);
        return node;
    }

    static Trail readTrail(JsonNode node) {
        return new Trail(number(node, "first"), time(node, "since"), list(node, "bases", TrailJson::read));
    }

    private static ObjectNode writeObject(NamedObject one) {
        return object().put("key", one.key()).put("sha256", one.sha256()).put("sizeBytes", one.sizeBytes());
    }

    private static NamedObject readObject(JsonNode one) {
        return new NamedObject(text(one, "key"), text(one, "sha256"), number(one, "sizeBytes"));
    }
}
