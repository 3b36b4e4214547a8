package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.format.TokenKey;
import java.util.HexFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The keyring as sealed JSON. Version 1 is of archives that are not encrypted, version 2 of those that are. */
public final class KeyringJson {
    public static final String KEY = "keyring";
    private static final String FORMAT = "reinstate-keyring";
    private static final HexFormat HEX = HexFormat.of();

    private KeyringJson() {}

    /** Of an archive that is not encrypted. */
    public static byte[] write(byte[] tokenKey) {
        ObjectNode node =
                Json.object().put("format", FORMAT).put("version", 1).put("tokenKey", HEX.formatHex(tokenKey));
        node.putArray("keys");
        return Sealed.seal(Json.bytes(node));
    }

    public static byte[] write(Keyring.Locked keyring) {
        ObjectNode node = Json.object()
                .put("format", FORMAT)
                .put("version", 2)
                .put("archive", keyring.archive())
                .put("rotations", keyring.rotations())
                .put("masterKey", keyring.masterKey())
                .put("archiveKey", HEX.formatHex(keyring.archiveKey()))
                .put("tokenKey", HEX.formatHex(keyring.tokenKey()))
                .put("metadataKey", HEX.formatHex(keyring.metadataKey()));
        return Sealed.seal(Json.bytes(node));
    }

    public static Keyring read(byte[] sealed) {
        return Json.read(KEY, Sealed.open(KEY, sealed), FORMAT, 2, node -> {
            if (Json.number(node, "version") == 1) {
                return new Keyring.Open(new TokenKey(bytes(node, "tokenKey")));
            }
            return new Keyring.Locked(
                    Json.text(node, "archive"),
                    Json.number(node, "rotations"),
                    Json.text(node, "masterKey"),
                    bytes(node, "archiveKey"),
                    bytes(node, "tokenKey"),
                    bytes(node, "metadataKey"));
        });
    }

    static byte[] bytes(JsonNode node, String field) {
        return HEX.parseHex(Json.text(node, field));
    }
}
