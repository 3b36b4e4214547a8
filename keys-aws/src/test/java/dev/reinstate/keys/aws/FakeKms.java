package dev.reinstate.keys.aws;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The two calls of KMS that are used, in their JSON, over HTTP. Checks no signature and encrypts nothing: what it gives
 * out as ciphertext says which key and context it is of. It stands for the protocol, not for the service.
 */
final class FakeKms implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private Optional<String> failure = Optional.empty();

    FakeKms() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::answer);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** From now on every call fails with that code. */
    void failWith(String code) {
        failure = Optional.of(code);
    }

    private void answer(HttpExchange exchange) throws IOException {
        JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        ObjectNode answer = JSON.createObjectNode();
        int status = 200;
        if (failure.isPresent()) {
            status = 400;
            answer.put("__type", failure.get());
        } else if (target.equals("TrentService.Encrypt")) {
            answer.put("KeyId", text(request, "KeyId"));
            answer.put("CiphertextBlob", ciphertext(request, text(request, "Plaintext")));
        } else {
            JsonNode sealed = JSON.readTree(Base64.getDecoder().decode(text(request, "CiphertextBlob")));
            boolean fits = target.equals("TrentService.Decrypt")
                    && text(sealed, "KeyId").equals(text(request, "KeyId"))
                    && sealed.get("EncryptionContext").equals(request.get("EncryptionContext"));
            status = fits ? 200 : 400;
            answer.put("KeyId", text(request, "KeyId"));
            answer.put(fits ? "Plaintext" : "__type", fits ? text(sealed, "Plaintext") : "InvalidCiphertextException");
        }
        byte[] body = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String ciphertext(JsonNode request, String plaintext) {
        ObjectNode sealed = JSON.createObjectNode();
        sealed.put("KeyId", text(request, "KeyId")).put("Plaintext", plaintext);
        sealed.set("EncryptionContext", request.get("EncryptionContext"));
        return Base64.getEncoder().encodeToString(sealed.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String text(JsonNode node, String field) {
        return node.get(field).stringValue();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
