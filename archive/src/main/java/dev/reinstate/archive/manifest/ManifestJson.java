package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Sealed;
import tools.jackson.databind.node.ObjectNode;

/** Manifests as sealed JSON. */
public final class ManifestJson {
    private static final String FORMAT = "reinstate-manifest";

    private ManifestJson() {}

    public static byte[] write(Manifest manifest) {
        ObjectNode node = Json.object()
                .put("format", FORMAT)
                .put("version", 1)
                .put("number", manifest.number())
                .put("previous", manifest.previous())
                .put("writer", manifest.writer())
                .put("publish", manifest.publish())
                .put("written", manifest.written().toString());
        node.set("entry", EntryJson.write(manifest.entry()));
        return Sealed.seal(Json.bytes(node));
    }

    public static Manifest read(String key, byte[] sealed) {
        return Json.read(
                key,
                Sealed.open(key, sealed),
                FORMAT,
                node -> new Manifest(
                        Json.number(node, "number"),
                        Json.text(node, "previous"),
                        Json.text(node, "writer"),
                        Json.text(node, "publish"),
                        Json.time(node, "written"),
                        EntryJson.read(key, Json.child(node, "entry"))));
    }
}
