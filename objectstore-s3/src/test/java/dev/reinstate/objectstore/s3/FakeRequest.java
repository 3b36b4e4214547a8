package dev.reinstate.objectstore.s3;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One request as S3 understands it. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FakeRequest(
        String method, String bucket, String key, Map<String, String> query, Map<String, String> headers, byte[] body) {
    /** An answer. */
    record Answer(int status, Map<String, String> headers, byte[] body) {
        static Answer xml(String root, String content) {
            return new Answer(
                    200,
                    Map.of("Content-Type", "application/xml"),
                    FakeS3Server.utf8("<" + root + " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + content
                            + "</" + root + ">"));
        }

        static Answer refusal(int status, String code) {
            return new Answer(
                    status,
                    Map.of("Content-Type", "application/xml"),
                    FakeS3Server.utf8("<Error><Code>" + code + "</Code><Message>to order</Message></Error>"));
        }

        static Answer empty(int status, Map<String, String> headers) {
            return new Answer(status, headers, new byte[0]);
        }
    }

    static FakeRequest read(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/", 3);
        Map<String, String> query = new HashMap<>();
        for (String parameter : Optional.ofNullable(exchange.getRequestURI().getRawQuery())
                .orElse("")
                .split("&", -1)) {
            String[] parts = parameter.split("=", 2);
            query.put(parts[0], parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
        return new FakeRequest(
                exchange.getRequestMethod(),
                path[1],
                path.length < 3 ? "" : path[2],
                query,
                headers,
                exchange.getRequestBody().readAllBytes());
    }

    Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    private Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Its name in S3's documentation. */
    String operation() {
        if (key.isEmpty()) {
            return query.containsKey("versions")
                    ? "ListObjectVersions"
                    : query.containsKey("uploads")
                            ? "ListMultipartUploads"
                            : query.containsKey("versioning")
                                    ? "GetBucketVersioning"
                                    : query.containsKey("object-lock") ? "GetObjectLockConfiguration" : "ListObjectsV2";
        }
        boolean upload = query.containsKey("uploadId");
        return switch (method) {
            case "PUT" -> upload ? "UploadPart" : "PutObject";
            case "POST" -> upload ? "CompleteMultipartUpload" : "CreateMultipartUpload";
            case "DELETE" -> upload ? "AbortMultipartUpload" : "DeleteObject";
            case "HEAD" -> "HeadObject";
            default -> "GetObject";
        };
    }

    /** That it is signed, that the body is what its MD5 says, and that a locked object has one. */
    void requireSound() {
        if (!header("Authorization").orElse("").startsWith("AWS4-HMAC-SHA256 ")) {
            throw new FakeBucket.Refusal(403, "AccessDenied");
        }
        Optional<String> md5 = header("Content-MD5");
        if (md5.isPresent() && !md5.get().equals(Bodies.md5(body, body.length))) {
            throw new FakeBucket.Refusal(400, "BadDigest");
        }
        if (operation().equals("PutObject") && lockedUntil().isPresent() && md5.isEmpty()) {
            throw new FakeBucket.Refusal(400, "InvalidRequest");
        }
    }

    private Optional<Instant> lockedUntil() {
        Optional<Instant> until = header("x-amz-object-lock-retain-until-date").map(Instant::parse);
        if (until.isPresent() != header("x-amz-object-lock-mode").isPresent()) {
            throw new FakeBucket.Refusal(400, "InvalidArgument");
        }
        return until;
    }

    private boolean ifAbsent() {
        return header("If-None-Match").filter("*"::equals).isPresent();
    }

    private Map<String, String> kept() {
        Map<String, String> kept = new HashMap<>();
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("x-amz-meta-") || lower.startsWith("x-amz-object-lock-")) {
                kept.put(lower, value);
            }
        });
        return kept;
    }

    Answer onObject(FakeBucket in) {
        return switch (operation()) {
            case "PutObject" -> stored(in, in.put(key, body, ifAbsent(), kept(), lockedUntil()));
            case "CreateMultipartUpload" ->
                Answer.xml(
                        "InitiateMultipartUploadResult",
                        "<UploadId>" + in.begin(key, kept(), lockedUntil()) + "</UploadId>");
            case "UploadPart" -> {
                int number = Integer.parseInt(query("partNumber").orElseThrow());
                in.putPart(key, uploadId(), number, body);
                yield Answer.empty(200, Map.of("ETag", "\"part" + number + "\""));
            }
            case "CompleteMultipartUpload" -> {
                in.complete(key, uploadId(), ifAbsent());
                yield Answer.xml("CompleteMultipartUploadResult", "<Key>" + key + "</Key><ETag>\"whole\"</ETag>");
            }
            case "AbortMultipartUpload" -> {
                in.abort(key, uploadId());
                yield Answer.empty(204, Map.of());
            }
            case "DeleteObject" -> {
                in.delete(key, query("versionId"));
                yield Answer.empty(204, Map.of());
            }
            default -> get(in.get(key, query("versionId")));
        };
    }

    private String uploadId() {
        return query("uploadId").orElseThrow();
    }

    private static Answer stored(FakeBucket in, FakeBucket.Version version) {
        return Answer.empty(
                200,
                in.traits().versioned()
                        ? Map.of("ETag", "\"whole\"", "x-amz-version-id", version.id())
                        : Map.of("ETag", "\"whole\""));
    }

    private Answer get(FakeBucket.Version version) {
        byte[] content = version.content();
        Map<String, String> answered = new HashMap<>(version.headers());
        Optional<String> range = header("Range");
        if (range.isEmpty()) {
            return new Answer(200, answered, content);
        }
        String[] ends = range.get().substring("bytes=".length()).split("-", 2);
        long from = Long.parseLong(ends[0]);
        if (from >= content.length) {
            return Answer.refusal(416, "InvalidRange");
        }
        long to = Math.min(Long.parseLong(ends[1]), content.length - 1L);
        answered.put("Content-Range", "bytes " + from + "-" + to + "/" + content.length);
        return new Answer(206, answered, Arrays.copyOfRange(content, (int) from, (int) to + 1));
    }
}
