package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.format.TokenKey;
import java.util.HexFormat;
import tools.jackson.databind.node.ObjectNode;

/** The keyring as sealed JSON. */
public final class KeyringJson {
    public static final String KEY = "keyring";
    private static final String FORMAT = "reinstate-keyring";

    private KeyringJson() {}

    public static byte[] write(byte[] tokenKey) {
        ObjectNode node = Json.object()
                .put("format", FORMAT)
                .put("version", 1)
                .put("tokenKey", HexFormat.of().formatHex(tokenKey));
        node.putArray("keys");
        return Sealed.seal(Json.bytes(node));
    }

    public static TokenKey read(byte[] sealed) {
        byte[] key = Json.read(
                KEY, Sealed.open(KEY, sealed), FORMAT, node -> HexFormat.of().parseHex(Json.text(node, "tokenKey")));
        return new TokenKey(key);
    }
}
