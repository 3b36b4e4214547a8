package dev.reinstate.objectstore.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;

/**
 * An S3 server in this process, for tests: just the requests that {@link S3ObjectStore} makes, by the rules of S3's
 * documentation, and faults to order. It wants a signature and does not verify it. Passing against it shows that the
 * store does what it should where servers do what they should; what a real server does is shown by that server only.
 */
public final class FakeS3Server implements AutoCloseable {
    /** What goes wrong with one request. */
    public enum Fault {
        NONE,
        /** 503 SlowDown; nothing was done. */
        OVERLOADED,
        /** 409; nothing was done. */
        CONFLICT,
        /** The connection is closed without an answer; nothing was done. */
        RESET,
        /** It was done, and the connection is closed without an answer. */
        LOST_ANSWER,
        /** It was done, and half of the answer's body comes. */
        TRUNCATED,
        /** No answer comes until the server is closed; nothing was done. */
        SILENT
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, FakeBucket> buckets = new ConcurrentHashMap<>();
    private final List<String> requests = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile BiFunction<Integer, String, Fault> faults = (number, operation) -> Fault.NONE;
    private int counted;

    private FakeS3Server(HttpServer server) {
        this.server = server;
    }

    /** Starts one on a free port of this machine. Sets credentials for this process, as the SDK looks for them. */
    public static FakeS3Server start() {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FakeS3Server fake = new FakeS3Server(http);
            http.setExecutor(fake.threads);
            http.createContext("/", fake::handle);
            http.start();
            return fake;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new bucket, without versions and locks. */
    public S3Location bucket(String name) {
        return bucket(name, FakeBucket.Traits.PLAIN, Clock.systemUTC());
    }

    /** A new bucket with versions that can be locked. */
    public S3Location lockingBucket(String name, Clock clock) {
        return bucket(name, FakeBucket.Traits.LOCKING, clock);
    }

    S3Location bucket(String name, FakeBucket.Traits traits, Clock clock) {
        buckets.put(name, new FakeBucket(traits, clock));
        return new S3Location(name, "some/prefix", Optional.of(endpoint()), Optional.empty(), true);
    }

    public URI endpoint() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    FakeBucket contents(String bucket) {
        return Optional.ofNullable(buckets.get(bucket)).orElseThrow();
    }

    /** From now on, what happens to the n-th request (from 1), of that name in S3's documentation. */
    public synchronized void fail(BiFunction<Integer, String, Fault> whichAndHow) {
        counted = 0;
        requests.clear();
        faults = whichAndHow;
    }

    /** Names of the requests since {@link #fail}, in order. */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    private synchronized Fault count(String operation) {
        requests.add(operation);
        return faults.apply(++counted, operation);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            FakeRequest request = FakeRequest.read(exchange);
            Fault fault = count(request.operation());
            if (fault == Fault.RESET) {
                return;
            }
            if (fault == Fault.SILENT) {
                closed.await();
                return;
            }
            FakeRequest.Answer answer = fault == Fault.OVERLOADED
                    ? FakeRequest.Answer.refusal(503, "SlowDown")
                    : fault == Fault.CONFLICT
                            ? FakeRequest.Answer.refusal(409, "ConditionalRequestConflict")
                            : answer(request);
            if (fault != Fault.LOST_ANSWER) {
                send(exchange, answer, fault == Fault.TRUNCATED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, FakeRequest.Answer answer, boolean truncated) throws IOException {
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] body = answer.body();
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(answer.status(), head || body.length == 0 ? -1 : body.length);
        if (!head && body.length > 0) {
            exchange.getResponseBody().write(body, 0, truncated ? body.length / 2 : body.length);
            exchange.getResponseBody().flush();
        }
    }

    private FakeRequest.Answer answer(FakeRequest request) {
        FakeBucket bucket = buckets.get(request.bucket());
        if (bucket == null) {
            return FakeRequest.Answer.refusal(404, "NoSuchBucket");
        }
        try {
            request.requireSound();
            return switch (request.operation()) {
                case "ListObjectsV2" -> list(bucket, request);
                case "ListObjectVersions" -> versions(bucket, request);
                case "ListMultipartUploads" -> uploads(bucket, request);
                case "GetBucketVersioning" ->
                    FakeRequest.Answer.xml(
                            "VersioningConfiguration", bucket.traits().versioned() ? "<Status>Enabled</Status>" : "");
                case "GetObjectLockConfiguration" -> lockConfiguration(bucket);
                default -> request.onObject(bucket);
            };
        } catch (FakeBucket.Refusal e) {
            return FakeRequest.Answer.refusal(e.status, e.code);
        }
    }

    private static FakeRequest.Answer lockConfiguration(FakeBucket bucket) {
        if (!bucket.traits().locks()) {
            return FakeRequest.Answer.refusal(404, "ObjectLockConfigurationNotFoundError");
        }
        String rule = bucket.traits().defaultRetention()
                ? "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>"
                : "";
        return FakeRequest.Answer.xml(
                "ObjectLockConfiguration", "<ObjectLockEnabled>Enabled</ObjectLockEnabled>" + rule);
    }

    private static FakeRequest.Answer list(FakeBucket bucket, FakeRequest request) {
        int limit = Integer.parseInt(request.query("max-keys").orElse("1000"));
        StringBuilder xml = new StringBuilder();
        int listed = 0;
        NavigableMap<String, FakeBucket.Version> found = bucket.list(
                request.query("prefix").orElse(""), request.query("start-after").orElse(""));
        for (Map.Entry<String, FakeBucket.Version> entry : found.entrySet()) {
            if (listed++ == limit) {
                break;
            }
            xml.append("<Contents><Key>")
                    .append(entry.getKey())
                    .append("</Key><Size>")
                    .append(entry.getValue().content().length)
                    .append("</Size></Contents>");
        }
        return FakeRequest.Answer.xml(
                "ListBucketResult", "<IsTruncated>" + (found.size() > limit) + "</IsTruncated>" + xml);
    }

    private static FakeRequest.Answer versions(FakeBucket bucket, FakeRequest request) {
        StringBuilder xml = new StringBuilder("<IsTruncated>false</IsTruncated>");
        bucket.versions(request.query("prefix").orElse("")).forEach((key, versions) -> {
            for (FakeBucket.Version version : versions) {
                String name = version.mark() ? "DeleteMarker" : "Version";
                xml.append("<" + name + "><Key>" + key + "</Key><VersionId>" + version.id()
                        + "</VersionId><LastModified>" + version.at() + "</LastModified></" + name + ">");
            }
        });
        return FakeRequest.Answer.xml("ListVersionsResult", xml.toString());
    }

    private static FakeRequest.Answer uploads(FakeBucket bucket, FakeRequest request) {
        StringBuilder xml = new StringBuilder("<IsTruncated>false</IsTruncated>");
        bucket.uploads(request.query("prefix").orElse(""))
                .forEach((id, upload) -> xml.append("<Upload><Key>" + upload.getKey() + "</Key><UploadId>" + id
                        + "</UploadId><Initiated>" + upload.getValue() + "</Initiated></Upload>"));
        return FakeRequest.Answer.xml("ListMultipartUploadsResult", xml.toString());
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
