package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Sealed;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Manifests as sealed JSON. */
public final class ManifestJson {
    private static final String FORMAT = "reinstate-manifest";
    private static final String KIND = "manifest";

    private ManifestJson() {}

    public static byte[] write(Manifest manifest, DocumentCipher cipher) {
        ObjectNode node = Json.object()
                .put("format", FORMAT)
                .put("version", 1)
                .put("number", manifest.number())
                .put("previous", manifest.previous())
                .put("writer", manifest.writer())
                .put("publish", manifest.publish())
                .put("written", manifest.written().toString());
        ObjectNode secret = Json.object();
        secret.set("entry", EntryJson.write(manifest.entry()));
        cipher.add(
                node,
                secret,
                KIND,
                manifest.number(),
                manifest.previous(),
                manifest.writer(),
                manifest.publish(),
                manifest.written());
        return Sealed.seal(Json.bytes(node));
    }

    public static Manifest read(String key, byte[] sealed, DocumentCipher cipher) {
        return Json.read(key, Sealed.open(key, sealed), FORMAT, node -> {
            long number = Json.number(node, "number");
            String previous = Json.text(node, "previous");
            String writer = Json.text(node, "writer");
            String publish = Json.text(node, "publish");
            Instant written = Json.time(node, "written");
            JsonNode secret = cipher.secretOf(node, key, KIND, number, previous, writer, publish, written);
            Entry entry = EntryJson.read(key, Json.child(secret, "entry"));
            return new Manifest(number, previous, writer, publish, written, entry);
        });
    }
}
