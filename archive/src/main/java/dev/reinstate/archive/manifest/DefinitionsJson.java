package dev.reinstate.archive.manifest;

import static dev.reinstate.archive.manifest.Json.list;
import static dev.reinstate.archive.manifest.Json.lsn;
import static dev.reinstate.archive.manifest.Json.object;
import static dev.reinstate.archive.manifest.Json.text;
import static dev.reinstate.archive.manifest.Json.time;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.model.Definition;
import dev.reinstate.model.Definitions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What makes the tables, as sealed JSON. */
public final class DefinitionsJson {
    private static final String FORMAT = "reinstate-definitions";
    private static final String KIND = "definitions";

    private DefinitionsJson() {}

    public static byte[] write(Definitions definitions, DocumentCipher cipher) {
        ObjectNode node = object().put("position", definitions.position().toString())
                .put("time", definitions.time().toString());
        Json.putList(
                node,
                "statements",
                definitions.statements(),
                one -> object().put("name", one.name()).put("sql", one.sql()));
        definitions.leftOut().forEach(node.putArray("leftOut")::add);
        ObjectNode document = object().put("format", FORMAT).put("version", 1);
        return Sealed.seal(Json.bytes(cipher.add(document, node, KIND)));
    }

    public static Definitions read(String key, byte[] sealed, DocumentCipher cipher) {
        return Json.read(key, Sealed.open(key, sealed), FORMAT, document -> read(cipher.secretOf(document, key, KIND)));
    }

    private static Definitions read(JsonNode node) {
        return new Definitions(
                lsn(node, "position"),
                time(node, "time"),
                list(node, "statements", one -> new Definition(text(one, "name"), text(one, "sql"))),
                list(node, "leftOut", JsonNode::stringValue));
    }
}
