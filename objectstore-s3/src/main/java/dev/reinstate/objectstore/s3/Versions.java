package dev.reinstate.objectstore.s3;

import dev.reinstate.objectstore.ObjectStoreException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;

/** Versions of one object in a bucket that keeps them: deleting must not only hide what is there. */
final class Versions {
    private final Bucket bucket;
    private final Clock clock;

    Versions(Bucket bucket, Clock clock) {
        this.bucket = bucket;
        this.clock = clock;
    }

    /** One version, or the mark that the object was deleted then. */
    private record Version(String id, Instant modified, boolean isMark) {}

    /**
     * Removes all of them, the newest last: interrupted, none that was replaced comes back. {@code LOCKED} if one of
     * them is, and nothing changed.
     */
    void deleteAll(String key) {
        List<Version> versions = list(key);
        versions.forEach(version -> requireUnlocked(key, version));
        versions.reversed().forEach(version -> delete(key, version));
    }

    /** Removes those before the one of that id. */
    void deleteBefore(String key, String versionId) {
        List<Version> versions = list(key);
        int at = 0;
        while (at < versions.size() && !versions.get(at).id().equals(versionId)) {
            at++;
        }
        versions.subList(Math.min(at + 1, versions.size()), versions.size())
                .reversed()
                .forEach(version -> delete(key, version));
    }

    /** Newest first. */
    private List<Version> list(String key) {
        String full = bucket.full(key);
        List<Version> found = new ArrayList<>();
        String keyMarker = null;
        String versionMarker = null;
        ListObjectVersionsResponse page;
        do {
            String afterKey = keyMarker;
            String afterVersion = versionMarker;
            page = bucket.retries()
                    .call(
                            "Listing versions of " + key,
                            () -> bucket.client()
                                    .listObjectVersions(list -> list.bucket(bucket.name())
                                            .prefix(full)
                                            .keyMarker(afterKey)
                                            .versionIdMarker(afterVersion)));
            page.versions().stream()
                    .filter(version -> version.key().equals(full))
                    .forEach(version -> found.add(new Version(version.versionId(), version.lastModified(), false)));
            page.deleteMarkers().stream()
                    .filter(mark -> mark.key().equals(full))
                    .forEach(mark -> found.add(new Version(mark.versionId(), mark.lastModified(), true)));
            keyMarker = page.nextKeyMarker();
            versionMarker = page.nextVersionIdMarker();
        } while (Boolean.TRUE.equals(page.isTruncated()) && full.equals(keyMarker));
        // marks and versions come in lists of their own; of one instant, a mark may be gone first without harm
        found.sort((one, other) -> other.modified().compareTo(one.modified()));
        return found;
    }

    private void requireUnlocked(String key, Version version) {
        if (version.isMark()) {
            return;
        }
        Instant until = bucket.retries()
                .call(
                        "Looking at the lock of " + key,
                        () -> bucket.client()
                                .headObject(head -> head.bucket(bucket.name())
                                        .key(bucket.full(key))
                                        .versionId(version.id()))
                                .objectLockRetainUntilDate());
        if (until != null && until.isAfter(clock.instant())) {
            throw ObjectStoreException.locked(key, until);
        }
    }

    private void delete(String key, Version version) {
        bucket.retries().run("Deleting " + key, () -> {
            try {
                bucket.client()
                        .deleteObject(delete -> delete.bucket(bucket.name())
                                .key(bucket.full(key))
                                .versionId(version.id()));
            } catch (SdkException e) {
                if (!S3Failure.isAbsent(e)) {
                    throw e;
                }
            }
        });
    }
}
