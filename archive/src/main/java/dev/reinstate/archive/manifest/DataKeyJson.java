package dev.reinstate.archive.manifest;

import dev.reinstate.archive.format.Damage;
import dev.reinstate.archive.format.Sealed;
import dev.reinstate.archive.format.Token;
import java.util.HexFormat;

/** A partition's wrapped data key as sealed JSON. */
public final class DataKeyJson {
    private static final String FORMAT = "reinstate-key";

    private DataKeyJson() {}

    public static byte[] write(Token token, int generation, byte[] wrapped) {
        return Sealed.seal(Json.bytes(Json.object()
                .put("format", FORMAT)
                .put("version", 1)
                .put("token", token.toString())
                .put("generation", generation)
                .put("wrapped", HexFormat.of().formatHex(wrapped))));
    }

    /** The wrapped key; {@code DAMAGED} if it is of another partition or generation. */
    public static byte[] read(String key, byte[] sealed, Token token, int generation) {
        return Json.read(key, Sealed.open(key, sealed), FORMAT, node -> {
            if (!Json.token(node, "token").equals(token) || Json.number(node, "generation") != generation) {
                throw Damage.of("INV-21", "Object " + key, "it is the key of another partition");
            }
            return KeyringJson.bytes(node, "wrapped");
        });
    }
}
