package dev.reinstate.objectstore.s3;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What a bucket holds, by the rules of S3's documentation: versions, locks, conditions, uploads in parts. */
final class FakeBucket {
    /** What a bucket can be like. */
    record Traits(boolean versioned, boolean locks, boolean defaultRetention, Conditions conditions) {
        static final Traits PLAIN = new Traits(false, false, false, Conditions.KEPT);
        static final Traits LOCKING = new Traits(true, true, false, Conditions.KEPT);

        Traits withConditions(Conditions other) {
            return new Traits(versioned, locks, defaultRetention, other);
        }
    }

    /** What becomes of {@code If-None-Match}. */
    enum Conditions {
        KEPT,
        /** As older servers do. */
        IGNORED,
        IGNORED_ON_COMPLETE
    }

    /** A refusal as S3 says it. */
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final int status;
        final String code;

        Refusal(int status, String code) {
            super(code);
            this.status = status;
            this.code = code;
        }
    }

    /** Bytes with what belongs to them; a mark of deletion has none. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Version(
            String id,
            byte[] content,
            Map<String, String> headers,
            Optional<Instant> until,
            boolean mark,
            Instant at) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Upload(
            String key,
            Map<String, String> headers,
            Optional<Instant> until,
            Instant begun,
            TreeMap<Integer, byte[]> parts) {}

    private final Traits traits;
    private final Clock clock;
    private final NavigableMap<String, List<Version>> objects = new TreeMap<>();
    private final NavigableMap<String, Upload> uploads = new TreeMap<>();
    private int ids;

    FakeBucket(Traits traits, Clock clock) {
        this.traits = traits;
        this.clock = clock;
    }

    Traits traits() {
        return traits;
    }

    private String newId() {
        return "id" + ++ids;
    }

    synchronized Version put(
            String key, byte[] content, boolean ifAbsent, Map<String, String> headers, Optional<Instant> until) {
        if (ifAbsent && traits.conditions() != Conditions.IGNORED) {
            requireAbsent(key);
        }
        return store(key, content, headers, until);
    }

    private void requireAbsent(String key) {
        if (current(key).isPresent()) {
            throw new Refusal(412, "PreconditionFailed");
        }
    }

    private Version store(String key, byte[] content, Map<String, String> headers, Optional<Instant> until) {
        if (until.isPresent() && !traits.locks()) {
            throw new Refusal(400, "InvalidRequest");
        }
        Version version =
                new Version(traits.versioned() ? newId() : "null", content, headers, until, false, clock.instant());
        add(key, version);
        return version;
    }

    private void add(String key, Version version) {
        List<Version> versions = objects.computeIfAbsent(key, any -> new ArrayList<>());
        if (!traits.versioned()) {
            versions.clear();
        }
        versions.addFirst(version);
    }

    private Optional<Version> current(String key) {
        return Optional.ofNullable(objects.get(key)).map(List::getFirst).filter(version -> !version.mark());
    }

    synchronized Version get(String key, Optional<String> versionId) {
        return versionId.isEmpty()
                ? current(key).orElseThrow(() -> new Refusal(404, "NoSuchKey"))
                : find(key, versionId.get());
    }

    private Version find(String key, String versionId) {
        return objects.getOrDefault(key, List.of()).stream()
                .filter(version -> version.id().equals(versionId))
                .findFirst()
                .orElseThrow(() -> new Refusal(404, "NoSuchVersion"));
    }

    synchronized void delete(String key, Optional<String> versionId) {
        if (versionId.isEmpty()) {
            if (!traits.versioned()) {
                objects.remove(key);
            } else if (objects.containsKey(key)) {
                add(key, new Version(newId(), new byte[0], Map.of(), Optional.empty(), true, clock.instant()));
            }
            return;
        }
        Version version = find(key, versionId.get());
        if (version.until().filter(until -> until.isAfter(clock.instant())).isPresent()) {
            throw new Refusal(403, "AccessDenied");
        }
        List<Version> versions = objects.getOrDefault(key, List.of());
        versions.remove(version);
        if (versions.isEmpty()) {
            objects.remove(key);
        }
    }

    /** Keys and what is current of them, in order. */
    synchronized NavigableMap<String, Version> list(String prefix, String startAfter) {
        NavigableMap<String, Version> found = new TreeMap<>();
        objects.tailMap(startAfter, false).forEach((key, versions) -> {
            if (key.startsWith(prefix) && !versions.getFirst().mark()) {
                found.put(key, versions.getFirst());
            }
        });
        return found;
    }

    /** All versions, newest first. */
    synchronized NavigableMap<String, List<Version>> versions(String prefix) {
        NavigableMap<String, List<Version>> found = new TreeMap<>();
        objects.forEach((key, versions) -> {
            if (key.startsWith(prefix)) {
                found.put(key, List.copyOf(versions));
            }
        });
        return found;
    }

    synchronized String begin(String key, Map<String, String> headers, Optional<Instant> until) {
        if (until.isPresent() && !traits.locks()) {
            throw new Refusal(400, "InvalidRequest");
        }
        String id = newId();
        uploads.put(id, new Upload(key, headers, until, clock.instant(), new TreeMap<>()));
        return id;
    }

    private Upload upload(String key, String id) {
        Upload upload = uploads.get(id);
        if (upload == null || !upload.key().equals(key)) {
            throw new Refusal(404, "NoSuchUpload");
        }
        return upload;
    }

    synchronized void putPart(String key, String id, int number, byte[] content) {
        upload(key, id).parts().put(number, content);
    }

    synchronized Version complete(String key, String id, boolean ifAbsent) {
        Upload upload = upload(key, id);
        if (ifAbsent && traits.conditions() == Conditions.KEPT) {
            requireAbsent(key);
        }
        int size = 0;
        for (Map.Entry<Integer, byte[]> part : upload.parts().entrySet()) {
            size += part.getValue().length;
        }
        byte[] content = new byte[size];
        int at = 0;
        for (byte[] part : upload.parts().values()) {
            System.arraycopy(part, 0, content, at, part.length);
            at += part.length;
        }
        uploads.remove(id);
        return store(key, content, upload.headers(), upload.until());
    }

    synchronized void abort(String key, String id) {
        upload(key, id);
        uploads.remove(id);
    }

    /** Keys of what is begun and neither complete nor aborted, by id, with when it was begun. */
    synchronized Map<String, Map.Entry<String, Instant>> uploads(String prefix) {
        Map<String, Map.Entry<String, Instant>> found = new TreeMap<>();
        uploads.forEach((id, upload) -> {
            if (upload.key().startsWith(prefix)) {
                found.put(id, Map.entry(upload.key(), upload.begun()));
            }
        });
        return found;
    }
}
